"""What an index on disk is of: written beside it, and read strictly."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Manifest:
    """The facts of one version of an index.

    Attributes:
        fingerprint: of the space whose vectors it holds.
        dim: dimensions of a vector.
        kind: "flat" or "ivf".
        count: vectors held.
        generation: of the source the vectors were read from, 0 or more.
        checksum: sha256 of the index file, in hexadecimal.
        moments_checksum: sha256 of the file of moments, in hexadecimal.
        created: when, in UTC, as ISO 8601.
        faiss: the version of FAISS that wrote it.
        metric: how two vectors are compared.

    Raises:
        ValueError: a field of the wrong type or out of range.
    """

    fingerprint: str
    dim: int
    kind: str
    count: int
    generation: int
    checksum: str
    moments_checksum: str
    created: str
    faiss: str
    metric: str = "inner_product"

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            # By type and not isinstance: true is no count.
            if type(value) is not field.type:
                raise ValueError(f"{field.name} is {value!r}")
        sound = {
            "dim": self.dim >= 1,
            "kind": self.kind in ("flat", "ivf"),
            "count": self.count >= 0,
            "generation": self.generation >= 0,
            "checksum": _SHA256.fullmatch(self.checksum),
            "moments_checksum": _SHA256.fullmatch(self.moments_checksum),
            "created": _is_utc(self.created),
            "metric": self.metric == "inner_product",
        }
        for name, holds in sound.items():
            if not holds:
                raise ValueError(f"{name} is {getattr(self, name)!r}")

    def to_json(self) -> str:
        """As a JSON object with a seal over the other fields, so that damage shows."""
        facts = asdict(self)
        return json.dumps({**facts, "seal": _seal(facts)}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> "Manifest":
        """Read what to_json wrote.

        Raises:
            ValueError: not JSON, a field too many or too few, a wrong value, a broken seal.
        """
        try:
            facts = json.loads(text)
        except RecursionError as fault:
            raise ValueError("nested too deeply") from fault
        if not isinstance(facts, dict):
            raise ValueError("not a JSON object")
        seal = facts.pop("seal", None)
        names = {field.name for field in fields(cls)}
        if facts.keys() != names:
            raise ValueError(f"fields that differ: {', '.join(sorted(facts.keys() ^ names))}")
        if seal != _seal(facts):
            raise ValueError("the seal does not fit the fields")
        return cls(**facts)


def _seal(facts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _is_utc(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).utcoffset() == timedelta(0)
    except ValueError:
        return False
