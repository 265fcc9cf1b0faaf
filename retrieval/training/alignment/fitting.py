"""One training: utterances, a model and its recipe to the weights that judge validation best."""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from retrieval.evaluation.metrics import Numbers, unweighted_average_recall
from retrieval.recognition.attention.word_times import by_letters
from retrieval.space import Vectors
from retrieval.training.alignment.guide import diagonal
from retrieval.training.alignment.model import Batch, Judged, Model, Sizes, Standard

Log = Callable[[str], None]


@dataclass(frozen=True)
class Utterance:
    """One clip as models take it.

    Attributes:
        path, speaker: as in the table of clips.
        label: the number of its class.
        spoken: what is said, word by word, at least one.
        frames: (t, frame) of speech.
        hop: seconds from one frame to the next.
        words: (w, word) the vector of each word.
        span: seconds of the first and the last sound.
    """

    path: str
    speaker: str
    label: int
    spoken: tuple[str, ...]
    frames: Vectors
    hop: float
    words: Vectors
    span: tuple[float, float]


@dataclass(frozen=True)
class Recipe:
    """How a model is trained; rate, batch, dropout (in `Sizes`) and clip are those of the paper.

    Attributes:
        guide: weight of what the attention is asked for beside the emotion; 0 for nothing.
        epochs: at most so many.
        patience: stop after so many without a better UA on validation.
    """

    guide: float = 0.0
    rate: float = 1e-3
    batch: int = 64
    clip: float = 3.0
    epochs: int = 30
    patience: int = 6
    seed: int = 0


@dataclass(frozen=True)
class Heard:
    """What a trained model says of m utterances, in their order.

    Attributes:
        chances: (m, classes) log-probabilities.
        attention: (w, t) of each; none for models that do not align.
    """

    chances: Numbers
    attention: tuple[Vectors, ...]


def fit(
    make: Callable[[Sizes], Model],
    sizes: Sizes,
    train: Sequence[Utterance],
    val: Sequence[Utterance],
    recipe: Recipe,
    log: Log = lambda _: None,
) -> Model:
    """Train from random weights; the weights of the epoch with the best UA on `val` are kept."""
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    model = make(sizes)
    _measure(model, train)
    optimiser = torch.optim.Adam(model.parameters(), recipe.rate)
    best, kept, waited = -1.0, model.state_dict(), 0
    for epoch in range(recipe.epochs):
        lost = _epoch(model, train, recipe, optimiser, rng)
        found = ua(hear(model, val).chances, labels_of(val))
        log(f"epoch {epoch}: loss {lost:.3f}, validation UA {found:.3f}")
        if found > best:
            best, kept, waited = found, copy.deepcopy(model.state_dict()), 0
        else:
            waited += 1
        if waited == recipe.patience:
            break
    model.load_state_dict(kept)
    return model.eval()


def hear(model: Model, utterances: Sequence[Utterance], size: int = 64) -> Heard:
    """Judge utterances; what is said of one does not depend on those beside it."""
    model.eval()
    chances, attention = [], []
    with torch.no_grad():
        for start in range(0, len(utterances), size):
            part = utterances[start : start + size]
            judged = model(batch_of(part))
            chances.append(judged.logits.log_softmax(dim=1).numpy())
            attention += _maps(judged, part)
    return Heard(np.concatenate(chances).astype(np.float64), tuple(attention))


def ua(chances: Numbers, labels: NDArray[np.int64]) -> float:
    """Unweighted accuracy: the mean over classes of the share named right, 0..1."""
    return unweighted_average_recall(labels, chances.argmax(axis=1))


def labels_of(utterances: Sequence[Utterance]) -> NDArray[np.int64]:
    """The classes of utterances, (n,)."""
    return np.array([one.label for one in utterances], dtype=np.int64)


def batch_of(utterances: Sequence[Utterance]) -> Batch:
    """Utterances side by side."""
    return Batch(
        *_padded([one.frames for one in utterances]), *_padded([one.words for one in utterances])
    )


def _epoch(
    model: Model,
    train: Sequence[Utterance],
    recipe: Recipe,
    optimiser: torch.optim.Optimizer,
    rng: np.random.Generator,
) -> float:
    """Go through the utterances once; the mean loss."""
    model.train()
    # Every utterance weighs as its class is rare, so that what is trained is what UA measures.
    count = np.bincount(labels_of(train), minlength=1)
    rare = torch.tensor(len(train) / np.maximum(count, 1) / (count > 0).sum(), dtype=torch.float32)
    lost = []
    for part in _parts(train, recipe.batch, rng):
        batch = batch_of(part)
        judged = model(batch)
        labels = torch.tensor([one.label for one in part])
        loss = nn.functional.cross_entropy(judged.logits, labels, weight=rare)
        if recipe.guide and judged.attention is not None:
            every = -(-batch.frames.shape[1] // judged.attention.shape[2])
            loss = loss + recipe.guide * _guided(judged.attention, batch.said, part, every)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        optimiser.step()
        lost.append(loss.item())
    return float(np.mean(lost))


def _guided(attention: Tensor, said: Tensor, part: Sequence[Utterance], every: int) -> Tensor:
    spans = torch.tensor([[second / (one.hop * every) for second in one.span] for one in part])
    middles = [torch.from_numpy(by_letters(one.spoken, 0, 1).mean(axis=1)) for one in part]
    places = nn.utils.rnn.pad_sequence(middles, batch_first=True).float()  # (n, w)
    return diagonal(attention, places, said, spans)


def _parts(
    train: Sequence[Utterance], size: int, rng: np.random.Generator
) -> Iterator[list[Utterance]]:
    order = rng.permutation(len(train))
    for start in range(0, len(order), size):
        yield [train[number] for number in order[start : start + size]]


def _maps(judged: Judged, part: Sequence[Utterance]) -> list[Vectors]:
    """The attention of each without its padding: frames that are padding get no weight."""
    if judged.attention is None:
        return []
    steps = judged.attention.shape[2]
    most = max(len(one.frames) for one in part)
    every = -(-most // steps)
    return [
        weights[: len(one.words), : -(-len(one.frames) // every)].numpy()
        for one, weights in zip(part, judged.attention, strict=True)
    ]


def _measure(model: Model, train: Sequence[Utterance]) -> None:
    """Give every `Standard` of a model what it needs to know of the training utterances."""
    for name, part in model.named_modules():
        if isinstance(part, Standard):
            rows = [one.words if name.startswith("words") else one.frames for one in train]
            part.measure(torch.from_numpy(np.concatenate(rows).astype(np.float32)))


def _padded(rows: Sequence[Vectors]) -> tuple[Tensor, Tensor]:
    lengths = torch.tensor([len(row) for row in rows])
    tensors = [torch.from_numpy(np.asarray(row, dtype=np.float32)) for row in rows]
    return nn.utils.rnn.pad_sequence(tensors, batch_first=True), lengths
