"""Speech alone, words alone, and words that look for their speech (Xu et al. 2019).

All three are made of the same parts, so that what differs is only what they are told.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


@dataclass(frozen=True)
class Sizes:
    """How large the parts are; state, heads and dropout are those of the paper.

    Attributes:
        frame, word: values of a frame of speech and of the vector of a word.
        classes: how many there are to choose from.
        dense: values of a frame after the first layer.
        every: so many frames are averaged before it into one step.
        state: values of a recurrent state in one direction.
        heads: of the attention.
        dropout: share of values left out in training.
    """

    frame: int
    word: int
    classes: int
    dense: int = 128
    every: int = 1
    state: int = 100
    heads: int = 8
    dropout: float = 0.5


class Batch(NamedTuple):
    """Utterances side by side, padded with zeros.

    Attributes:
        frames: (n, t, frame). spoken: (n,) how many of them are no padding.
        words: (n, w, word). said: (n,) how many of them are no padding.
    """

    frames: Tensor
    spoken: Tensor
    words: Tensor
    said: Tensor


class Judged(NamedTuple):
    """What a model says of n utterances.

    Attributes:
        logits: (n, classes).
        shares: (n, steps) how much each word counts (each frame, of speech alone); rows sum to 1.
        attention: (n, w, t) where each word looks, the mean over heads, rows sum to 1; None for
            a model that does not align.
    """

    logits: Tensor
    shares: Tensor
    attention: Tensor | None


class Standard(nn.Module):
    """Values less their mean, by their deviation; both are measured once, before training."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("deviation", torch.ones(dim))

    def measure(self, values: Tensor) -> None:
        """Take mean and deviation of rows (n, dim)."""
        self.mean.copy_(values.mean(dim=0))
        self.deviation.copy_(values.std(dim=0).clamp(min=1e-3))

    def forward(self, values: Tensor) -> Tensor:
        return (values - self.mean) / self.deviation


class States(nn.Module):
    """A bidirectional GRU: steps (n, s, dim) to states (n, s, 2 state)."""

    def __init__(self, dim: int, sizes: Sizes) -> None:
        super().__init__()
        self.dropout = nn.Dropout(sizes.dropout)
        self.recurrent = nn.GRU(dim, sizes.state, batch_first=True, bidirectional=True)

    def forward(self, steps: Tensor, lengths: Tensor | None) -> Tensor:
        steps = self.dropout(steps)
        if lengths is None:  # one utterance without padding, as it is exported
            return self.recurrent(steps)[0]
        # Packed, or the way back would begin in the padding.
        packed = pack_padded_sequence(steps, lengths, batch_first=True, enforce_sorted=False)
        states, _ = self.recurrent(packed)
        return pad_packed_sequence(states, batch_first=True, total_length=steps.shape[1])[0]


class Speech(nn.Module):
    """Frames (n, t, frame) to states (n, t / every, 2 state) and how many of them count."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.standard = Standard(sizes.frame)
        self.dense = nn.Sequential(nn.Linear(sizes.frame, sizes.dense), nn.ReLU())
        self.every = sizes.every
        self.states = States(sizes.dense, sizes)

    def forward(self, frames: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor | None]:
        steps = self.standard(frames)  # (n, t, frame)
        if self.every > 1:
            short = -steps.shape[1] % self.every
            steps = nn.functional.pad(steps, (0, 0, 0, short)).unflatten(1, (-1, self.every))
            steps = steps.mean(dim=2)  # (n, t / every, frame)
            lengths = None if lengths is None else (lengths + self.every - 1) // self.every
        return self.states(self.dense(steps), lengths), lengths


class Words(nn.Module):
    """Vectors (n, w, word) to states (n, w, 2 state)."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.standard = Standard(sizes.word)
        self.states = States(sizes.word, sizes)

    def forward(self, words: Tensor, lengths: Tensor | None) -> Tensor:
        return self.states(self.standard(words), lengths)


class Verdict(nn.Module):
    """States (n, s, dim) to classes, by their mean as weighted by attention."""

    def __init__(self, dim: int, sizes: Sizes) -> None:
        super().__init__()
        self.weigh = nn.Linear(dim, 1)
        self.dropout = nn.Dropout(sizes.dropout)
        self.classes = nn.Linear(dim, sizes.classes)

    def forward(self, states: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor]:
        weights = self.weigh(states).squeeze(2)  # (n, s)
        if lengths is not None:
            weights = weights.masked_fill(~within(lengths, states.shape[1]), -torch.inf)
        shares = weights.softmax(dim=1)  # (n, s)
        pooled = (shares.unsqueeze(2) * states).sum(dim=1)  # (n, dim)
        return self.classes(self.dropout(pooled)), shares


class SpeechAlone(nn.Module):
    """The baseline that hears and does not read."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.speech = Speech(sizes)
        self.verdict = Verdict(2 * sizes.state, sizes)

    def forward(self, batch: Batch) -> Judged:
        states, lengths = self.speech(batch.frames, batch.spoken)
        logits, shares = self.verdict(states, lengths)
        return Judged(logits, shares, None)


class WordsAlone(nn.Module):
    """The baseline that reads and does not hear."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.words = Words(sizes)
        self.verdict = Verdict(2 * sizes.state, sizes)

    def forward(self, batch: Batch) -> Judged:
        logits, shares = self.verdict(self.words(batch.words, batch.said), batch.said)
        return Judged(logits, shares, None)


class Aligned(nn.Module):
    """Each word asks the frames of speech; what answers is joined to it, then read as a whole."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        width = 2 * sizes.state
        self.speech = Speech(sizes)
        self.words = Words(sizes)
        self.look = nn.MultiheadAttention(width, sizes.heads, batch_first=True)
        self.joined = States(2 * width, sizes)
        self.verdict = Verdict(width, sizes)

    def forward(self, batch: Batch) -> Judged:
        return self.judge(batch.frames, batch.words, batch.spoken, batch.said)

    def judge(
        self,
        frames: Tensor,
        words: Tensor,
        spoken: Tensor | None = None,
        said: Tensor | None = None,
    ) -> Judged:
        """As `forward`; without lengths nothing is padding."""
        speech, lengths = self.speech(frames, spoken)  # (n, t, width)
        asked = self.words(words, said)  # (n, w, width)
        padding = None if lengths is None else ~within(lengths, speech.shape[1])
        heard, attention = looked(self.look, asked, speech, padding)
        joined = self.joined(torch.cat([asked, heard], dim=2), said)  # (n, w, width)
        logits, shares = self.verdict(joined, said)
        return Judged(logits, shares, attention)


def looked(
    look: nn.MultiheadAttention, asked: Tensor, speech: Tensor, padding: Tensor | None
) -> tuple[Tensor, Tensor]:
    """What `look` computes, spelled out: its own code fixes the lengths in a graph that is traced.

    Args:
        asked: (n, w, width) the queries. speech: (n, t, width) keys and values.
        padding: (n, t) which frames are none; None where all are real.

    Returns:
        What each word heard (n, w, width), and where it looked (n, w, t), the mean over heads.
    """
    matrices, shifts = look.in_proj_weight.chunk(3), look.in_proj_bias.chunk(3)
    query, key, value = (
        nn.functional.linear(given, matrix, shift)
        .unflatten(2, (look.num_heads, -1))
        .transpose(1, 2)  # (n, heads, steps, width / heads)
        for given, matrix, shift in zip((asked, speech, speech), matrices, shifts, strict=True)
    )
    scores = query @ key.transpose(2, 3) / look.head_dim**0.5  # (n, heads, w, t)
    if padding is not None:
        scores = scores.masked_fill(padding[:, None, None], -torch.inf)
    weights = scores.softmax(dim=3)
    heard = (weights @ value).transpose(1, 2).flatten(2)  # (n, w, width)
    return look.out_proj(heard), weights.mean(dim=1)


Model = SpeechAlone | WordsAlone | Aligned


def within(lengths: Tensor, steps: int) -> Tensor:
    """Which of the steps are no padding, (n, steps)."""
    return torch.arange(steps) < lengths.unsqueeze(1)
