"""A space under trained heads: the encoders of another one, projected anew.

`affetto train --space BASE` learns the heads from vectors that a library has stored. Raw audio
vectors stay those of the base, so both spaces search what was embedded once.
"""

import json
from pathlib import Path
from typing import Any

from retrieval.errors import SpaceError
from retrieval.space import Heads, Space

SUFFIX = "+affetto"
CARD, HEADS = "model.json", "heads.npz"
KIND = "heads"


def adopted_name(base: str) -> str:
    """The name of the space that heads make of a base."""
    return base + SUFFIX


def base_of(folder: Path) -> str | None:
    """The name of the space that a folder has heads for; None if it is no such folder."""
    try:
        facts = json.loads((folder / CARD).read_text(encoding="utf-8"))
        return str(facts["base"]) if facts["kind"] == KIND else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def load_adopted(folder: Path, base: Space) -> Space:
    """The space BASE+affetto: the encoders of a base, and the heads in a folder.

    Raises:
        SpaceError: a file of the folder is absent or broken, or the heads were trained on other
            vectors than the base gives now.
    """
    again = f"affetto train --space {base.name}"
    facts = _facts(folder, again)
    made_for = (facts["base"], facts["base_source"], facts["base_text"])
    if made_for != (base.name, base.source, base.text.fingerprint):
        raise SpaceError(
            f"the heads were trained on another version of the space {base.name!r}",
            path=folder,
            remedy=again,
        )
    return Space(
        name=adopted_name(base.name),
        description=facts["description"],
        licence=facts["licence"],
        window=base.window,
        hop=base.hop,
        audio=base.audio,
        text=base.text,
        heads=Heads.load(folder / HEADS),
        fitting=facts["fitting"],
        lead=facts["lead"],
    )


def _facts(folder: Path, remedy: str) -> dict[str, Any]:
    """What model.json says, with all that `load_adopted` asks of it."""
    try:
        facts = json.loads((folder / CARD).read_text(encoding="utf-8"))
        needed = ("base", "base_source", "base_text", "description", "licence", "fitting", "lead")
        return {name: facts[name] for name in needed}
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise SpaceError(
            f"the heads cannot be read: {fault}", path=folder / CARD, remedy=remedy
        ) from fault
