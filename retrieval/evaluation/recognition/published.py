"""What the published papers say, to stand beside figures of other data.

Only what was read in a paper or in its authors' code is here; none of it was run by us.
"""

from collections.abc import Iterator, Sequence

from retrieval.evaluation.table import Cell, Table

_OTHER = (
    "Published, not the same data: other recordings, other splits, larger models. No difference to "
    "a table of ours says which method is better."
)

_MATA = (
    ("LanguageBind alone", ".756 / .676", ".737 / .725", ".691 / .688", ".637 / .633"),
    ("ImageBind alone", ".620 / .491", ".631 / .610", ".553 / .546", ".637 / .637"),
    ("concatenation", ".763 / .646", ".726 / .723", ".675 / .673", ".715 / .717"),
    ("transport, no attention", ".764 / .688", ".770 / .761", ".701 / .698", ".621 / .621"),
    ("transport and attention", ".765 / .704", ".774 / .762", ".751 / .746", ".726 / .726"),
)

_ALIGNMENT = (("voice alone", "59.2 to 59.4"), ("voice and words aligned", "72.5"))

_VOICE = (
    ("wav2vec2-base", 0.543),
    ("HuBERT-base", 0.654),
    ("WavLM-large", 0.720),
    ("Whisper-large-v3", 0.753),
)


def published(tables: Sequence[Table] = ()) -> Iterator[Table]:
    """A table for each paper, but for those whose table is there already."""
    there = {table.name for table in tables}
    return (table for table in (_mata(), _alignment(), _voice()) if table.name not in there)


def _mata() -> Table:
    return _table(
        "fusion_published",
        "two streams joined",
        "Accuracy / macro-F1, five folds, of which is not known whether they are by speaker; the "
        "plan couples the clips of a batch. Phukan et al. 2025, arXiv 2409.14221.",
        ("joined by", "ASVP-ESD", "JNV", "VIVAE", "CREMA-D"),
        _MATA,
    )


def _alignment() -> Table:
    return _table(
        "alignment_published",
        "words aligned with a voice",
        "Accuracy in per cent on IEMOCAP, 4 classes. Xu et al. 2019, arXiv 1909.05645.",
        ("way", "accuracy"),
        _ALIGNMENT,
    )


def _voice() -> Table:
    return _table(
        "voice_published",
        "a voice alone",
        "UAR on RAVDESS, 8 feelings, speakers that were not trained on; features that stay as they "
        "are, and a small network; as EmoBox reports them.",
        ("features", "UAR"),
        _VOICE,
    )


def _table(
    name: str, what: str, note: str, columns: tuple[str, ...], rows: tuple[tuple[Cell, ...], ...]
) -> Table:
    title = f"Published, not the same data: {what}"
    return Table(name, title, f"{note} {_OTHER}", columns, rows)
