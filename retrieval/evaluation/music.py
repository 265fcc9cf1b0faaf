"""Does a prompt order music as listeners felt it? The nine scales of the GEMS.

For each scale a prompt, such as "sad music", and for each track the share of its raters who felt
that way (Aljanaki, Wiering and Veltkamp 2016, Emotify; scales of Zentner, Grandjean and Scherer
2008). Spearman's rho between the two over tracks; the interval is over tracks.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from retrieval.errors import PromptError
from retrieval.evaluation.bench import mean_over
from retrieval.evaluation.bootstrap import Positions, estimates
from retrieval.evaluation.clips import Sound
from retrieval.evaluation.metrics import spearman
from retrieval.evaluation.scores import Numbers, Scorer, best_cosines, mean_cosines
from retrieval.evaluation.table import MEAN, Estimate, Table
from retrieval.space import Space

#: The scales as columns of the ratings, and what is typed for each.
SCALES = {
    "amazement": "amazing music",
    "solemnity": "solemn music",
    "tenderness": "tender music",
    "nostalgia": "nostalgic music",
    "calmness": "calm music",
    "power": "powerful music",
    "joyful_activation": "joyful music",
    "tension": "tense music",
    "sadness": "sad music",
}

#: Where the shares lie, beside the table of clips.
RATINGS = Path("labels") / "emotify" / "emotify_gems.csv"

#: clip_id to the share of its raters for each of `SCALES`, 0..1.
Shares = Mapping[str, Mapping[str, float]]

NOTE = (
    "Spearman's rho between the score of a prompt and the share of raters who felt so, over "
    "tracks. Brackets: 95 % bootstrap interval over tracks."
)


def read_shares(corpora: Path) -> Shares:
    """The ratings beside a table of clips; empty where there are none.

    Args:
        corpora: a folder with a clips.csv, or a CSV file.

    Raises:
        PromptError: the ratings cannot be read.
    """
    file = (corpora if corpora.is_dir() else corpora.parent) / RATINGS
    if not file.exists():
        return {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as table:
            return {
                row["clip_id"]: {scale: float(row[scale]) for scale in SCALES}
                for row in csv.DictReader(table)
            }
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError, TypeError) as fault:
        raise PromptError(
            f"the ratings of music cannot be read: {fault}",
            path=file,
            remedy=f"it needs the columns clip_id, {', '.join(SCALES)}, or move it away",
        ) from fault


def tables(
    space: Space,
    sounds: Sequence[Sound],
    shares: Shares,
    rivals: Mapping[str, Scorer] | None = None,
) -> list[Table]:
    """One table `music`: a row for each scale and for their mean, a column for each way to rank."""
    tracks = [sound for sound in sounds if sound.clip.kind == "music"]
    tracks = [sound for sound in tracks if sound.clip.clip_id in shares]
    if len(tracks) < 3:
        return []
    felt = np.array([[shares[track.clip.clip_id][scale] for track in tracks] for scale in SCALES])
    prompts = list(SCALES.values())
    scores = {
        "best window": best_cosines(space, prompts, tracks),
        "mean window": mean_cosines(space, prompts, tracks),
        **{name: score(prompts, tracks) for name, score in (rivals or {}).items()},
    }
    found = [_correlations(values, felt) for values in scores.values()]  # (ways, scales + 1)
    lines = zip([*prompts, MEAN], *found, strict=True)
    columns = ("prompt", "tracks", *scores)
    rows = tuple((prompt, len(tracks), *line) for prompt, *line in lines)
    return [Table("music", "A prompt orders music", NOTE, columns, rows)]


def _correlations(scores: Numbers, felt: Numbers) -> list[Estimate]:
    """Of each scale and their mean, (scales + 1,); both (scales, tracks)."""

    def statistic(at: Positions) -> Numbers:
        pairs = zip(scores[:, at], felt[:, at], strict=True)
        rhos = np.array([[spearman(score, share)] for score, share in pairs])  # (scales, 1)
        return np.append(rhos, mean_over(rhos))

    return estimates(np.arange(felt.shape[1]), statistic)
