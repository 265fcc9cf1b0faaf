"""Training of a space: one command from recordings and teachers to the files of the product.

Needs the extra `train` (torch, onnx, sentence-transformers); nothing here is imported by a
search or an ingestion.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import SpaceError

if TYPE_CHECKING:
    from retrieval.library import Library
    from retrieval.space import Space


def train(
    corpora: Path,
    teachers: Path,
    out: Path,
    *,
    text: Path | None = None,
    audio: Path | None = None,
    seed: int = 0,
    epochs: int | None = None,
    loss: str = "rnc",
    without: Sequence[str] = (),
    quick: bool = False,
    log: Callable[[str], None] = lambda _: None,
) -> None:
    """Train the built-in space and write audio.onnx, text.onnx, vocab.txt, heads.npz, space.json
    and model-card.md to `out`.

    The same seed on the same machine with the same number of threads gives the same space.

    Args:
        corpora: folder with clips.csv, the recordings it names, and labels/.
        teachers: folder with the starting weights of the audio tower and, unless `text` or
            `quick` is given, of the reader (all-mpnet-base-v2).
        out: folder to write, made if it is absent.
        text: folder with text.onnx and vocab.txt of a text tower to take as it is; None trains one.
        audio: folder with audio.onnx of an audio tower to take as it is; None trains one.
        epochs: times the training clips are gone through; None takes the recipe's own.
        loss: sce, supcon or rnc: symmetric cross entropy between a clip and its own captions,
            supervised contrast with all that is true of it, or that and Rank-N-Contrast.
        without: corpora that nothing is learned from or chosen by; the figures are then of all
            their clips.
        quick: towers of toy size from random weights and a few steps, to try the path.
        log: called with a line of progress now and then.

    Raises:
        SpaceError: the extra `train` is not installed, or a file that training needs is missing.
    """
    with _told_apart():
        from retrieval.training.course import run_course

        run_course(
            corpora,
            teachers,
            out,
            text=text,
            audio=audio,
            seed=seed,
            epochs=epochs,
            loss=loss,
            without=without,
            quick=quick,
            log=log,
        )


def make_heads(
    library: "Library",
    space: "str | Space",
    *,
    out: Path | None = None,
    labels_from: str = "emotion",
    seed: int = 0,
    loss: str = "rnc",
    quick: bool = False,
    log: Callable[[str], None] = lambda _: None,
) -> "Space":
    """Train heads for a space on the vectors and labels of a library; the space NAME+affetto.

    Nothing is heard again. Valence and arousal are read by an affect head; a panel comes with it,
    and what tells of errors (spread, fitting, lead) where speakers could be held out.

    Args:
        library: clips of it were embedded in the space and labelled.
        out: folder to write heads.npz and model.json to. None writes them among the installed
            models and builds the index of the new space.
        labels_from: the label that says what is heard. The labels speaker, corpus, split, kind,
            gender, intensity and emotion_raw are used where clips have them.
        seed, loss, quick, log: as for `train`; one thread count and seed give the same heads.

    Raises:
        PromptError: too few clips have a label that the vocabulary knows.
        SpaceError: there is no such space, the library has no vectors of it, or the extra
            `train` is not installed.
    """
    from retrieval.encoders.adopted import adopted_name
    from retrieval.encoders.models.folder import models_folder
    from retrieval.encoders.registry import load_space

    base = load_space(space) if isinstance(space, str) else space
    folder = out or models_folder() / adopted_name(base.name)
    with _told_apart():
        from retrieval.training.adopt import run_adoption

        made = run_adoption(
            library, base, folder, by=labels_from, seed=seed, loss=loss, quick=quick, log=log
        )
    if out is None:
        log(f"the index of {made.name}")
        library.rebuild(space=made)
    return made


def make_fusion(
    library: "Library",
    streams: Sequence[str],
    *,
    name: str | None = None,
    out: Path | None = None,
    labels_from: str = "emotion",
    seed: int = 0,
    quick: bool = False,
    log: Callable[[str], None] = lambda _: None,
) -> "Space":
    """Join two streams of frames to one space, taught by the labelled files of a library.

    The files are heard once for it; nothing of that is stored, so `Library.embed` comes after.

    Args:
        library: clips of it were embedded in any space, and labelled.
        streams: two of speech, sound, and the names of spaces.
        name: of the new space; None makes one of the streams.
        out: folder to write the space to; it is then named as the folder. None writes it among
            the installed models.
        labels_from, seed, quick, log: as for `make_heads`.

    Raises:
        PromptError: the streams are not two, or too few clips have a label that is known.
        SpaceError: there is no such space, something else lies where the new one would, or the
            extra `train` is not installed.
        MissingExtra: the extra `fusion` is not installed.
    """
    from retrieval.encoders.fused.space import fused_name
    from retrieval.encoders.fused.transport import pot
    from retrieval.encoders.models.folder import check_name, models_folder

    pot()
    chosen = name or fused_name(streams)
    check_name(chosen)
    with _told_apart():
        from retrieval.training.fusion.course import run_fusion

        return run_fusion(
            library,
            streams,
            out or models_folder() / chosen,
            by=labels_from,
            seed=seed,
            quick=quick,
            log=log,
        )


def make_study(
    corpora: Path,
    teachers: Path,
    space: Path,
    out: Path,
    *,
    quick: bool = False,
    log: Callable[[str], None] = lambda _: None,
) -> None:
    """Compare what a space is made of, by heads trained on vectors of towers that stay as they
    are, and write the tables as JSON to `out`, for `affetto evaluate --study`.

    Args:
        corpora, teachers: as for `train`; the reader is not needed.
        space: folder of a trained space, which is compared with its own beginning.
        quick: few clips and a few steps, to try the path.
        log: called with a line of progress now and then.

    Raises:
        SpaceError: the extra `train` is not installed, or a file is missing.
    """
    with _told_apart():
        from retrieval.training.study import FULL, QUICK, run_study

        run_study(corpora, teachers, space, out, plan=QUICK if quick else FULL, log=log)


def study_recognition(
    corpora: Path,
    teachers: Path,
    out: Path,
    *,
    only: Collection[str] = (),
    quick: bool = False,
    log: Callable[[str], None] = lambda _: None,
) -> None:
    """Compare ways to align words with a voice and to fuse two streams, by small trainings, and
    write the tables as JSON to `out`, for `affetto evaluate recognition --study`.

    Args:
        corpora, teachers: as for `train`; the reader is not needed.
        only: alignment or fusion; the other tables of `out` stay as they are. None for both.
        quick: few clips and a few steps, to try the path.
        log: called with a line of progress now and then.

    Raises:
        SpaceError: the extra `train` is not installed, or a file is missing.
        PromptError: `out` holds something else than a study, or cannot be written.
    """
    with _told_apart():
        from retrieval.training.studies import run_studies

        run_studies(corpora, teachers, out, only, quick=quick, log=log)


def make_aligner(
    corpora: Path,
    out: Path,
    *,
    seed: int = 0,
    epochs: int = 24,
    quick: bool = False,
    log: Callable[[str], None] = lambda _: None,
) -> None:
    """Train the aligner of words and speech, and write attention.onnx and model.json to `out`.

    The same seed on the same machine with the same number of threads gives the same aligner.

    Args:
        corpora: folder with clips.csv and the recordings it names.
        out: folder to write, made if it is absent.
        epochs: at most so many; the validation speakers say when to stop.
        quick: few clips and one epoch, to try the path.
        log: called with a line of progress now and then.

    Raises:
        SpaceError: the extra `train` is not installed, or a file is missing.
        PromptError: the corpora with transcripts are not there.
    """
    with _told_apart():
        from retrieval.training.alignment.making import make_aligner as make

        make(corpora, out, seed=seed, epochs=epochs, quick=quick, log=log)


def make_recogniser(
    corpora: Path,
    out: Path,
    *,
    seed: int = 0,
    quick: bool = False,
    log: Callable[[str], None] = lambda _: None,
) -> None:
    """Train the recogniser of emotion, valence and arousal, from voice, words and both, and write
    recogniser.npz and model.json to `out`.

    The towers of the built-in space hear and read for it and stay as they are. The same seed on
    the same machine with the same number of threads gives the same recogniser.

    Args:
        corpora: folder with clips.csv, the recordings it names, and labels/.
        out: folder to write, made if it is absent.
        quick: few clips and a few steps, to try the path.
        log: called with a line of progress now and then.

    Raises:
        SpaceError: the extra `train` is not installed, or a file is missing.
        PromptError: the labelled sentences cannot be read.
    """
    with _told_apart():
        from retrieval.training.recognition.course import FULL, QUICK, run_course

        run_course(corpora, out, seed=seed, plan=QUICK if quick else FULL, log=log)


@contextmanager
def _told_apart() -> Iterator[None]:
    """What training can lack, as errors that say what to do."""
    try:
        yield
    except ModuleNotFoundError as fault:
        raise SpaceError(
            f"training needs {fault.name}, which is not installed",
            remedy="pip install 'affetto[train]'",
        ) from fault
    except FileNotFoundError as fault:
        raise SpaceError("a file that training needs is missing", path=fault.filename) from fault
    except OSError as fault:
        reason = str(fault).partition("\n")[0]
        raise SpaceError(f"a file that training needs cannot be read: {reason}") from fault
