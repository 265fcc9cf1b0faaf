"""What words that look for their speech gain, and whether they find it: tables.

Trained on the training speakers of corpora with transcripts, stopped by the validation speakers,
measured on the test speakers.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from retrieval.errors import SpaceError
from retrieval.evaluation.table import Cell, Table
from retrieval.recognition.attention.aligner import load_aligner
from retrieval.training.alignment.contest import ALIGNED, MEASURES, compete, judged
from retrieval.training.alignment.crossing import PUBLISHED, crossed, is_iemocap
from retrieval.training.alignment.fitting import (
    Heard,
    Log,
    Recipe,
    Utterance,
    fit,
    hear,
    labels_of,
)
from retrieval.training.alignment.model import Aligned
from retrieval.training.alignment.timing import MEASURES as TIMES
from retrieval.training.alignment.timing import (
    PATH,
    PEAK,
    Reference,
    of_letters,
    of_maps,
    refer,
    shuffled_tau,
    timed,
)
from retrieval.training.alignment.utterances import (
    SPECTROGRAM,
    SPEECH,
    Ears,
    read_split,
    sizes_for,
)

#: Corpora with transcripts, and their languages.
CORPORA: Mapping[str, str] = {"ravdess": "en", "nemo": "pl"}

#: What the attention is asked for beside the emotion, as a weight.
GUIDE = 2.0
#: At most so many times through the training clips.
EPOCHS = 16

GUIDED = f"{ALIGNED}, guide {GUIDE:g}"
SHIPPED = f"{ALIGNED}, as it ships"

Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Plan:
    """How much is done: the recipe, every how many clips count, draws, turns of a session."""

    recipe: Recipe = field(default_factory=lambda: Recipe(epochs=EPOCHS, patience=8))
    thin: int = 1
    draws: int = 1000
    turns: int | None = None


QUICK = Plan(Recipe(epochs=1), thin=24, draws=20, turns=6)


def tables(
    corpora: Path, _teachers: Path | None = None, *, log: Log, quick: bool = False
) -> list[Table]:
    """The tables of a folder of corpora; of IEMOCAP's own folder, those of the paper.

    Args:
        corpora: as `evaluation.clips.read_table` takes it.
        quick: few clips and one epoch, to try the path.

    Raises:
        MissingExtra: word times need the extra `features`.
        PromptError: the folder has no such corpus.
    """
    plan, ears = QUICK if quick else Plan(), Ears()
    if is_iemocap(corpora):
        return [crossed(corpora, ears, plan.recipe, plan.draws, log, plan.turns)]
    emotions: list[Row] = []
    times: list[Row] = []
    for corpus, language in CORPORA.items():
        for kind in (SPECTROGRAM, SPEECH):
            log(f"{corpus}: hearing clips as {kind}")
            split, classes = read_split(corpora, corpus, kind, ears, plan.thin)
            log(f"{corpus}, {kind}")
            sizes = sizes_for(kind, split["train"], len(classes))
            train, val, test = split["train"], split["val"], split["test"]
            found = compete(train, val, test, sizes, plan.recipe, log)
            if kind == SPEECH:
                log(GUIDED)
                recipe = replace(plan.recipe, guide=GUIDE)
                model = fit(Aligned, sizes, train, val, recipe, log)
                found[GUIDED] = hear(model, test)
                with suppress(SpaceError):  # as before the first training with new towers
                    found[SHIPPED] = _shipped(test, classes)
            emotions += _emotion_rows(corpus, kind, found, test, plan)
        log(f"{corpus}: reference times")
        reference = refer(corpora, test, language)
        for way in (way for way in found if way.startswith(ALIGNED)):  # read last: "speech"
            times += _map_rows(corpus, way, found[way], test, reference, plan)
        times += _other_rows(corpus, test, reference, plan)
    return [_emotion_table([*emotions, *_published()]), _time_table(times)]


def _shipped(test: Sequence[Utterance], classes: Sequence[str]) -> Heard:
    """What the aligner that ships says of utterances, named among the classes of their corpus."""
    aligner = load_aligner()
    found = [aligner.align(one.frames, one.spoken) for one in test]
    chances = np.array([[one.chances[name] for name in classes] for one in found])
    return Heard(np.log(chances + 1e-12), tuple(one.weights for one in found))


def _emotion_rows(
    corpus: str, kind: str, found: Mapping[str, Heard], test: Sequence[Utterance], plan: Plan
) -> Iterator[Row]:
    labels, speakers = labels_of(test), [one.speaker for one in test]
    for way, heard in found.items():
        counts = len(test), len(set(speakers)), 1 / heard.chances.shape[1]
        yield (
            corpus, kind, way, *counts, *judged(heard.chances, labels, speakers, plan.draws)
        )  # fmt: skip


def _map_rows(
    corpus: str,
    way: str,
    heard: Heard,
    test: Sequence[Utterance],
    reference: Reference,
    plan: Plan,
) -> Iterator[Row]:
    speakers = [one.speaker for one in test]
    for read in (PEAK, PATH):
        times = of_maps(heard.attention, test, read)
        chance = shuffled_tau(times, np.random.default_rng(0))
        found = timed(times, reference.first, speakers, plan.draws)
        yield corpus, f"attention, {way}", read, *found, chance


def _other_rows(
    corpus: str, test: Sequence[Utterance], reference: Reference, plan: Plan
) -> Iterator[Row]:
    speakers = [one.speaker for one in test]
    found = timed(of_letters(test), reference.first, speakers, plan.draws)
    yield corpus, "no model: first to last sound", "letters", *found, None
    both = [row for row, second in enumerate(reference.second) if second is not None]
    found = timed(
        [times for times in reference.second if times is not None],
        [reference.first[row] for row in both],
        [speakers[row] for row in both],
        plan.draws,
    )
    yield corpus, "the reference by another voice", "-", *found, None


def _published() -> Iterator[Row]:
    data = "IEMOCAP, published: not the same data"
    for way, accuracy in PUBLISHED.items():
        yield data, SPECTROGRAM, way, None, 10, 0.25, accuracy, None


def _emotion_table(rows: Sequence[Row]) -> Table:
    note = (
        "Test speakers; trained on others, stopped by the UA of validation speakers, at the latest "
        f"after {EPOCHS} epochs; one seed. WA: share of clips named right; UA: mean over classes; "
        "intervals by speaker, of whom there are few. Spectrogram: 257 bins, 25 ms every 10 ms, "
        "standardised by utterance, eight frames averaged into one; speech: the "
        "stream of the built-in space, whose towers learned from the training speakers. The "
        "sentences of both corpora say nothing of the emotion, so words alone stand at chance and "
        "can add nothing: what is measured here is whether alignment does harm. Pairs of voices "
        "and other sentences cannot be built for it, since an aligner needs the words that are "
        f"said. Guide {GUIDE:g}: also asked to look along the diagonal (Tachibana et al. 2018). "
        "As it ships: with that guide, trained on both corpora at once, up to 24 epochs. The last "
        "rows are what Xu et al. (2019) tell of IEMOCAP, where words do tell the emotion."
    )
    columns = ("corpus", "frames", "model", "clips", "speakers", "chance UA", *MEASURES)
    return Table("alignment", "Words aligned with speech: emotion", note, columns, tuple(rows))


def _time_table(rows: Sequence[Row]) -> Table:
    note = (
        "Test speakers, the models of the stream speech above. No one has marked the words of "
        "these recordings, so the reference is Praat's aligner with eSpeak's first voice; its "
        "second voice says how exact that can be. Peak: each word where its attention is highest; "
        "path: the best way through the map in the order of the words. Off: mean distance of "
        "middles, and of starts and ends; inside: share of words whose middle lies in the word of "
        "the reference. Order: Kendall's tau of the words and their middles, beside what shuffled "
        "words give; a path is in order by construction."
    )
    columns = ("corpus", "times by", "read", *TIMES, "shuffled tau")
    return Table("alignment_times", "Words aligned with speech: times", note, columns, tuple(rows))
