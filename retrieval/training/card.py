"""The model card: where a space comes from, what it hears, and what it is not for."""

from collections import Counter
from collections.abc import Mapping, Sequence

from retrieval.training.clips import Clip

Figures = Mapping[str, Mapping[str, float]]

LICENCE = "CC BY-NC-SA 4.0"
DESCRIPTION = "Feelings in voices, other human sounds and music; trained by this project"
ORIGIN = {
    "audio": "fine-tuned from the first two encoder blocks of Whisper tiny.en (OpenAI, MIT)",
    "text": "distilled from all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0)",
}

# Corpus to what it is and its licence.
_CORPORA = {
    "ravdess": ("RAVDESS: English, acted", "CC BY-NC-SA 4.0"),
    "nemo": ("nEMO: Polish, acted", "CC BY-NC-SA 4.0"),
    "ased": ("ASED: Amharic, acted and judged", "none stated; the authors ask to be cited"),
    "deeply_nv": ("Deeply nonverbal vocalisations", "CC BY-NC-ND 4.0"),
    "baby_cry_laugh": ("Baby cries and laughs", "none stated"),
    "esc10": ("ESC-10: everyday sounds", "CC BY 3.0"),
    "emotify": ("Emotify: music with ratings of induced emotion", "research use"),
}

_CARD = """# The built-in space `affetto`

Two small towers that place sound and words in one space of {dim} dimensions, so that a text can
be compared with a recording by feeling. All weights are what `affetto train` made.

| part | origin | size |
|---|---|---|
| audio tower | {audio_origin} | {audio_size:.1f} MB |
| text tower | {text_origin} | {text_size:.1f} MB |
| heads | trained from random weights | {heads_size:.1f} MB |

The audio tower hears windows of {window:g} s every {hop:g} s (chosen on the validation speakers).
It scales each window to a common level: recording gain does not matter. Valence and arousal are
read from the same space by a linear head.

Licence of the weights: {licence}, following the data. Notices: Whisper is copyright OpenAI, MIT
licence; all-MiniLM-L6-v2 is by the sentence-transformers authors, Apache-2.0.

## Data

| recordings | training clips | speakers | licence |
|---|---|---|---|
{corpora}

The nonverbal corpus is published under CC BY-NC-ND 4.0. None of its recordings is in the
weights, but whoever reads "no derivatives" as covering trained weights should train without it.
Several sources allow no commercial use; neither do these weights.

Texts: GoEmotions (Apache-2.0), EmoBank (CC BY-SA 4.0), CLAP4Emo captions (CC BY-SA 4.0), class
names and captions of AudioSet (CC BY 4.0) and AudioCaps (MIT), and captions written from labels
by our own templates. Some words and templates were held out of training.

## Training

Contrastive loss with many positives (a caption suits every clip it is true of), half of it
inside one corpus so that nothing is won by telling corpora apart; cross-modal Rank-N-Contrast
over valence and arousal; emotion classes and valence-arousal as side tasks. Random crops with
changed speed, room and noise, SpecAugment, a running average of the weights. Seed {seed},
{steps} steps of {batch} clips. Valence and arousal are priors of the category and intensity, not
ratings of a clip (music: the raters' shares of the GEMS scales).

## Measures

Speakers held out of training; clips whose sentence tells the feeling are
left out. Prompts: angry, sad, happy, fearful, calm (answered by calm and neutral). By the
exported files. UAR is over all the labels of a corpus, by prompt alone.

{figures}

## What it hears badly

- The valence of a voice: joy and anger, or surprise and fear, are told apart less well than
  calm and excited.
- Feelings that no recording here shows (pride, contempt, jealousy ...) are placed by the valence
  and arousal of the word only.
- Nearly all speech it learned from is acted, by adults, in three languages. Spontaneous speech,
  children, old voices and other languages will fare worse. How it fares by gender and age was
  not measured.
- Calm and disgust were heard in one corpus only, so part of them may be that corpus.
- Words do not count: it hears how something is said and not what is said.

## For what, and for what not

For finding recordings in one's own library: sound design, archives, research, accessible media.
Not for judging people: not for hiring, policing, border control, schooling, insurance, health,
lie detection, or watching employees or callers. A rank is no evidence of what anybody feels.
"""


def card(
    *,
    clips: Sequence[Clip],
    figures: Figures,
    sizes: Mapping[str, int],
    facts: Mapping[str, float | int],
) -> str:
    """The card as Markdown.

    Args:
        clips: every clip that training used, to be counted.
        figures: corpus to measure to value, on the test speakers.
        sizes: bytes of `audio`, `text` and `heads`.
        facts: dim, window, hop, seed, steps, batch.
    """
    return _CARD.format(
        audio_origin=ORIGIN["audio"],
        text_origin=ORIGIN["text"],
        licence=LICENCE,
        corpora=_corpora(clips),
        figures=_tables(figures),
        **{f"{part}_size": size / 1e6 for part, size in sizes.items()},
        **facts,
    )


def _corpora(clips: Sequence[Clip]) -> str:
    counts = Counter(clip.corpus for clip in clips)
    rows = []
    for corpus, count in counts.most_common():
        what, licence = _CORPORA.get(corpus, (corpus, "see its source"))
        speakers = len({clip.speaker for clip in clips if clip.corpus == corpus})
        rows.append(f"| {what} | {count:,} | {speakers} | {licence} |")
    return "\n".join(rows)


def _tables(figures: Figures) -> str:
    """Speech corpora as columns of one table, everything else as a list below it."""
    speech = [corpus for corpus, measures in figures.items() if "UAR" in measures]
    lines = []
    if speech:
        lines = ["| measure | " + " | ".join(speech) + " |", "|---" * (len(speech) + 1) + "|"]
        names = dict.fromkeys(name for corpus in speech for name in figures[corpus])
        for name in names:
            values = (figures[corpus].get(name) for corpus in speech)
            cells = ("" if value is None else f"{value:.3f}" for value in values)
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
        lines.append("")
    for corpus, measures in figures.items():
        if corpus not in speech:
            listed = ", ".join(f"{name} {value:.3f}" for name, value in measures.items())
            lines.append(f"{corpus}: {listed}.")
    return "\n".join(lines).strip()
