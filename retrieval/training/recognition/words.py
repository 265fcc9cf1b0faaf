"""The network of the words, trained on sentences with emotions and on rated ones at once."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from retrieval.evaluation.pairs import prior
from retrieval.recognition.judgement import EMOTIONS
from retrieval.training.joint import schedule
from retrieval.training.recognition.measures import recall, temperature
from retrieval.training.recognition.networks import TEXT, Decision
from retrieval.training.recognition.reading import Rated, Read

# Chosen on the validation sentences.
HIDDEN, DROPOUT, RATE, DECAY = 96, 0.3, 2e-3, 0.05
BATCH, SMOOTHING = 128, 0.05
MISHEARD = 0.2  # of the sentences
EVENNESS = 0.75  # 0: as emotions occur, 1: all equally often
RATED_WEIGHT = 20.0  # of the square error of ratings, which vary little


class Scale(nn.Module):
    """From valence and arousal as the vocabulary means them to ratings of readers.

    Readers of EmoBank use a small part of their scale, priors of emotions nearly all of theirs. So
    the network speaks in the units of the priors, and what lies between is learned.
    """

    def __init__(self) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.full((2,), 0.3))
        self.shift = nn.Parameter(torch.zeros(2))

    def forward(self, affect: Tensor) -> Tensor:
        return affect * self.slope + self.shift


@dataclass(frozen=True)
class Learned:
    """A trained network, calibrated; the scale of its raters; its UAR on validation sentences."""

    network: Decision
    scale: Scale
    recall: float


def learn_words(
    train: Read, val: Read, ratings: Rated, *, epochs: int, rng: np.random.Generator
) -> Learned:
    """Train on sentences (GoEmotions) and ratings (EmoBank), calibrate on other sentences."""
    network, scale = Decision(TEXT, HIDDEN, DROPOUT), Scale()
    vectors = torch.from_numpy(np.concatenate([train.vectors, train.misheard]))
    network.standardise(vectors)
    truth = truths(train)
    affect = torch.from_numpy(np.array([prior(name) for name in EMOTIONS], dtype=np.float32)[truth])
    chance = np.bincount(truth)[truth] ** -EVENNESS
    chance /= chance.sum()
    rated, rating = torch.from_numpy(ratings.vectors), torch.from_numpy(ratings.ratings)
    optimiser = torch.optim.AdamW([*network.parameters(), *scale.parameters()], RATE,
                                  weight_decay=DECAY)  # fmt: skip
    steps = epochs * len(truth) // BATCH
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = RATE * schedule(step / steps)
        rows, others = rng.choice(len(truth), BATCH, p=chance), rng.integers(len(rated), size=BATCH)
        wrong = len(truth) * (rng.random(BATCH) < MISHEARD)  # rows of the same, misheard
        outputs = network(vectors[rows + wrong])
        told = scale(network(rated[others])[:, -2:])
        loss = nn.functional.cross_entropy(
            outputs[:, :-2], torch.from_numpy(truth[rows]), label_smoothing=SMOOTHING
        )
        loss = loss + (outputs[:, -2:] - affect[rows]).square().mean()
        loss = loss + RATED_WEIGHT * (told - rating[others]).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    network.eval()
    with torch.no_grad():
        found = network(torch.from_numpy(val.vectors))
        network.temperature.fill_(temperature(found, truths(val)))
    return Learned(network, scale, recall(found, truths(val)))


def truths(read: Read) -> NDArray[np.int64]:
    """The number of the emotion of each sentence, (n,)."""
    number = {name: at for at, name in enumerate(EMOTIONS)}
    return np.array([number[one.emotion] for one in read.sentences])
