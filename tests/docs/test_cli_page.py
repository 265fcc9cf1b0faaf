import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_says_what_the_commands_say() -> None:
    made = subprocess.run(
        [sys.executable, str(DOCS / "render_cli.py")], capture_output=True, check=True
    ).stdout.decode()
    assert (DOCS / "cli.md").read_text(encoding="utf-8") == made, (
        "docs/cli.md is behind: python docs/render_cli.py > docs/cli.md"
    )
