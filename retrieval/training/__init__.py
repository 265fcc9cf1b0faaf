"""Training of a space: one command from recordings and teachers to the files of the product.

Needs the extra `train` (torch, onnx, sentence-transformers); nothing here is imported by a
search or an ingestion.
"""

from collections.abc import Callable
from pathlib import Path

from retrieval.errors import SpaceError


def train(
    corpora: Path,
    teachers: Path,
    out: Path,
    *,
    text: Path | None = None,
    seed: int = 0,
    epochs: int | None = None,
    quick: bool = False,
    log: Callable[[str], None] = lambda _: None,
) -> None:
    """Train the built-in space and write audio.onnx, text.onnx, vocab.txt, heads.npz, space.json
    and model-card.md to `out`.

    The same seed on the same machine with the same number of threads gives the same space.

    Args:
        corpora: folder with clips.csv, the recordings it names, and labels/.
        teachers: folder with the starting weights of the audio tower.
        out: folder to write, made if it is absent.
        text: folder with text.onnx and vocab.txt of a text tower to take as it is; None trains one.
        epochs: times the training clips are gone through; None takes the recipe's own.
        quick: towers of toy size from random weights and a few steps, to try the path.
        log: called with a line of progress now and then.

    Raises:
        SpaceError: the extra `train` is not installed, or a file that training needs is missing.
    """
    try:
        from retrieval.training.course import run_course
    except ModuleNotFoundError as fault:
        raise SpaceError(
            f"training needs {fault.name}, which is not installed",
            remedy="pip install 'affetto[train]'",
        ) from fault
    try:
        run_course(
            corpora, teachers, out, text=text, seed=seed, epochs=epochs, quick=quick, log=log
        )
    except FileNotFoundError as fault:
        raise SpaceError("a file that training needs is missing", path=fault.filename) from fault
