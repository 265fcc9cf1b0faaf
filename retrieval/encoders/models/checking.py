"""Whether installed models are whole, and their towers agree."""

from dataclasses import asdict, dataclass
from typing import Any

from retrieval.encoders.fused.space import check_fused
from retrieval.encoders.models.fetching import sha256_of
from retrieval.encoders.models.folder import Model, model, model_folders, require_engine
from retrieval.encoders.registry import load_space
from retrieval.errors import RetrievalError, SpaceError


@dataclass(frozen=True)
class Checked:
    """What a check of a model found, and what is wrong with it, if anything."""

    name: str
    found: tuple[str, ...]
    fault: str | None = None
    remedy: str | None = None

    def record(self) -> dict[str, Any]:
        """The check as one object of plain values."""
        return asdict(self)


def check_models(name: str | None = None) -> list[Checked]:
    """Check one model, or each that is there; a fault of one stops no other.

    Raises:
        SpaceError: a model was named, and it is not installed.
    """
    names = [folder.name for folder in model_folders()] if name is None else [model(name).name]
    return [_checked(one) for one in names]


def _checked(name: str) -> Checked:
    try:
        return Checked(name, tuple(check(name)))
    except RetrievalError as fault:
        where = f"{fault.path}: " if fault.path else ""
        return Checked(name, (), f"{where}{fault.error}", fault.remedy)


def check(name: str) -> list[str]:
    """Read every file of a model again, then load it and try its towers; what was found.

    Raises:
        SpaceError: it is not installed, a file is absent or changed, or a tower fails a guard.
        MissingExtra: the packages that run it are not installed.
    """
    one = model(name)
    found = [_check_file(one, file, wanted) for file, wanted in sorted(one.sha256.items())]
    if one.kind == "heads":
        return [*found, f"heads for the space {one.checkpoint}"]
    if not one.verified:
        found.append("the checkpoint is none of the published ones, or none whose sha256 is known")
    require_engine(one)
    if one.kind == "fusion":
        return [*found, *check_fused(one.folder, load_space)]
    # Imported here, because it brings the towers.
    from retrieval.encoders.clap.space import check as check_towers

    return [*found, *check_towers(one.folder)]


def _check_file(one: Model, file: str, wanted: str) -> str:
    path = one.folder / file
    try:
        found = sha256_of(path)
    except OSError as fault:
        raise SpaceError(
            f"a file of the model cannot be read: {fault.strerror}", path=path, remedy=_again(one)
        ) from fault
    if found != wanted:
        raise SpaceError(
            f"a file of the model has changed: its sha256 is {found} and not {wanted}",
            path=path,
            remedy=_again(one),
        )
    return f"{file}: sha256 {wanted[:12]} holds"


def _again(one: Model) -> str:
    if one.kind == "fusion":
        return f"affetto train fusion --streams {one.checkpoint} --name {one.name}"
    return f"affetto models remove {one.name}, then affetto models pull {one.name}"
