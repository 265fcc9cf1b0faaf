"""Voice and words joined early, late and in between, trained on built pairs; which one answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from retrieval.recognition.networks import OUTPUTS
from retrieval.recognition.recogniser import FUSIONS
from retrieval.training.joint import schedule
from retrieval.training.recognition.measures import affect_loss, recall, temperature
from retrieval.training.recognition.networks import Decision, Late, VoiceNetwork, told
from retrieval.training.recognition.pairing import Batch, Pairer

# Chosen on the validation speakers.
EARLY_HIDDEN, HYBRID_HIDDEN, DROPOUT, RATE, DECAY = 96, 64, 0.4, 2e-3, 0.1
BATCH, SMOOTHING = 128, 0.1
LATE_RATE, LATE_STEPS = 0.02, 300


@dataclass(frozen=True)
class Joinings:
    """The networks of both modalities, trained before, and the three joinings on top of them."""

    voice: VoiceNetwork
    words: Decision
    early: Decision
    late: Late
    hybrid: Decision

    def outputs(self, voices: Tensor, words: Tensor) -> dict[str, Tensor]:
        """Outputs (n, 10) of voice, words and every joining, from states (n, s) and (n, d)."""
        said, read = self.voice.decide(voices), self.words(words)
        return {
            "voice": said,
            "words": read,
            "early": self.early(torch.cat([voices, words], dim=1)),
            "late": self.late(told(said), told(read)),
            "hybrid": self.hybrid(self.inside(voices, words)),
        }

    def inside(self, voices: Tensor, words: Tensor) -> Tensor:
        """What the hybrid is given, (n, h): hidden values of both networks, and what both say."""
        with torch.no_grad():
            voice, text = self.voice.decide, self.words
            hidden = [voice.hidden(voices), text.hidden(words)]
            return torch.cat([*hidden, told(voice(voices)), told(text(words))], dim=1)


def learn_joinings(
    voice: VoiceNetwork, words: Decision, train: Pairer, val: Pairer, *, steps: int
) -> Joinings:
    """Train early and hybrid on pairs of the training split, late on those of the validation split.

    Voices that were trained on are told better than new ones, which a network of many weights
    bears, with its inputs blurred (`Pairer`), and the thirty weights of late do not.
    """
    for network in (voice, words):
        network.requires_grad_(False)
    sample = train.batch(4096)
    width = sample.voices.shape[1] + sample.words.shape[1]
    inside = voice.decide.first.out_features + words.first.out_features + 2 * OUTPUTS
    joinings = Joinings(
        voice,
        words,
        early=Decision(width, EARLY_HIDDEN, DROPOUT),
        late=Late(),
        hybrid=Decision(inside, HYBRID_HIDDEN, DROPOUT),
    )
    joinings.early.standardise(torch.cat([sample.voices, sample.words], dim=1))
    joinings.hybrid.standardise(joinings.inside(sample.voices, sample.words))
    _fit_networks(joinings, train, steps)
    _fit_late(joinings, val)
    _calibrate(joinings, val)
    return joinings


def _fit_networks(joinings: Joinings, pairs: Pairer, steps: int) -> None:
    """Early and hybrid, on pairs of which some lack one half."""
    networks = joinings.early, joinings.hybrid
    weights = [weight for network in networks for weight in network.parameters()]
    optimiser = torch.optim.AdamW(weights, RATE, weight_decay=DECAY)
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = RATE * schedule(step / steps)
        batch = pairs.batch(BATCH, missing=True)
        found = joinings.outputs(batch.voices, batch.words)
        losses = [_loss(found[name], batch, SMOOTHING) for name in ("early", "hybrid")]
        _step(optimiser, torch.stack(losses).sum())
    for network in networks:
        network.eval()


def _fit_late(joinings: Joinings, pairs: Pairer) -> None:
    """Late, on whole pairs. Without smoothing, so that its chances need no temperature."""
    optimiser = torch.optim.Adam(joinings.late.parameters(), LATE_RATE)
    for _ in range(LATE_STEPS):
        batch = pairs.batch(2 * BATCH, missing=False)
        with torch.no_grad():
            said = told(joinings.voice.decide(batch.voices))
            read = told(joinings.words(batch.words))
        _step(optimiser, _loss(joinings.late(said, read), batch, 0.0))


def _step(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


def _loss(outputs: Tensor, batch: Batch, smoothing: float) -> Tensor:
    truth = torch.from_numpy(batch.truth)
    named = nn.functional.cross_entropy(outputs[:, :-2], truth, label_smoothing=smoothing)
    return named + affect_loss(outputs[:, -2:], batch.affect)


def _calibrate(joinings: Joinings, val: Pairer) -> None:
    """Set the temperature of early and hybrid by pairs of both kinds."""
    batches = [val.matching(worn=False), val.matching(worn=True), val.plain(worn=False)]
    truth = np.concatenate([batch.truth for batch in batches])
    with torch.no_grad():
        found = [joinings.outputs(batch.voices, batch.words) for batch in batches]
    for name, network in (("early", joinings.early), ("hybrid", joinings.hybrid)):
        outputs = torch.cat([one[name] for one in found])
        network.temperature.fill_(temperature(outputs, truth))


def compared(joinings: Joinings, halves: Sequence[Pairer]) -> dict[str, dict[str, float]]:
    """UAR of voice, words and joinings on validation pairs: with matching words, with words that
    tell nothing, and both of them under noise.

    Args:
        halves: pairs of two halves of the validation speakers. Late is fitted to validation
            voices, so each half is judged by a late that was fitted to the other. Means of both.
    """
    crossed = []
    for pairs, others in (halves, halves[::-1]):
        late = replace(joinings, late=Late())
        _fit_late(late, others)
        crossed.append(_compared(late, pairs))
    return {
        name: {kind: float(np.mean([one[name][kind] for one in crossed])) for kind in kinds}
        for name, kinds in crossed[0].items()
    }


def _compared(joinings: Joinings, val: Pairer) -> dict[str, dict[str, float]]:
    batches = {
        "matching": val.matching(worn=False),
        "plain": val.plain(worn=False),
        "matching, noisy": val.matching(worn=True),
        "plain, noisy": val.plain(worn=True),
    }
    with torch.no_grad():
        found = {
            kind: (joinings.outputs(batch.voices, batch.words), batch.truth)
            for kind, batch in batches.items()
        }
    return {
        name: {kind: recall(outputs[name], truth) for kind, (outputs, truth) in found.items()}
        for name in ("voice", "words", *FUSIONS)
    }


def chosen(figures: Mapping[str, Mapping[str, float]]) -> str:
    """The joining with the highest mean UAR of those that words without a feeling do not hurt.

    Where they hurt all, of all.
    """
    plain = figures["voice"]["plain"]
    unhurt = [name for name in FUSIONS if figures[name]["plain"] >= plain]
    return max(unhurt or FUSIONS, key=lambda name: float(np.mean(list(figures[name].values()))))
