"""Makes docs/hearing.md and its figures again from docs/hearing/hearing.json, hearing nothing:

    python docs/render_hearing.py

`affetto evaluate CORPORA --out docs` makes all of them anew.
"""

import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from retrieval.evaluation.report import FOLDER, RECORD, Hearing

if __name__ == "__main__":
    Hearing.from_json((DOCS / FOLDER / RECORD).read_text(encoding="utf-8")).save(DOCS)
