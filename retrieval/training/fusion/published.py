"""What the paper says, to be read beside our tables and never compared with them."""

from retrieval.evaluation.table import Table

#: Accuracy and macro-F1 in per cent: ASVP-ESD, JNV, VIVAE, CREMA-D.
PUBLISHED = {
    "LanguageBind alone": ("75.55 / 67.55", "73.65 / 72.51", "69.12 / 68.83", "63.67 / 63.26"),
    "ImageBind alone": ("62.03 / 49.11", "63.10 / 60.97", "55.30 / 54.63", "63.67 / 63.68"),
    "concatenation": ("76.34 / 64.58", "72.62 / 72.26", "67.48 / 67.28", "71.46 / 71.71"),
    "transport, no attention": ("76.41 / 68.79", "77.03 / 76.14", "70.05 / 69.80", "62.12 / 62.05"),
    "transport and attention (MATA)": (
        "76.47 / 70.35", "77.40 / 76.19", "75.12 / 74.63", "72.64 / 72.62",
    ),
}  # fmt: skip


def published() -> Table:
    """The paper's own table."""
    note = (
        "Accuracy and macro-F1 in per cent, as Phukan et al. report them (ICASSP 2025, arXiv "
        "2409.14221), 5 folds; whether these are by speaker is not known to us. Other recordings, "
        "other and far larger encoders, and a plan that couples the clips of a batch: published, "
        "not the same data."
    )
    columns = ("joined by", "ASVP-ESD", "JNV", "VIVAE", "CREMA-D")
    rows = tuple((way, *cells) for way, cells in PUBLISHED.items())
    return Table("fusion_published", "Published, not the same data: MATA", note, columns, rows)
