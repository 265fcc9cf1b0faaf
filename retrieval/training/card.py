"""The model card: where a space comes from, what it hears, and what it is not for."""

from collections import Counter
from collections.abc import Mapping, Sequence

from retrieval.evaluation.table import Table
from retrieval.training.clips import Clip

Figures = Mapping[str, Mapping[str, float]]

LICENCE = "CC BY-NC-SA 4.0"
DESCRIPTION = "Feelings in voices, other human sounds and music; trained by this project"
ORIGIN = {
    "audio": "fine-tuned from the first two encoder blocks of Whisper tiny.en (OpenAI, MIT), "
    "beside the tagger mn04_as without its classes (EfficientAT, F. Schmid, MIT), fine-tuned too",
    "text": "all-MiniLM-L6-v2, taught the vectors of all-mpnet-base-v2 (both "
    "sentence-transformers, Apache-2.0)",
}

# What `affetto train --loss` pulls at.
_LOSSES = {
    "sce": "Symmetric cross entropy between a clip and its own two captions",
    "supcon": "Contrastive loss with many positives (a caption suits every clip it is true of)",
    "rnc": "Contrastive loss with many positives (a caption suits every clip it is true of), and "
    "cross-modal Rank-N-Contrast over valence and arousal",
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
| audio towers | {audio_origin} | {audio_size:.1f} MB |
| text tower | {text_origin} | {text_size:.1f} MB |
| heads | trained from random weights | {heads_size:.1f} MB |

The audio towers hear windows of {window:g} s every {hop:g} s (chosen on the validation speakers).
They scale each window to a common level: recording gain does not matter. Valence and arousal are
read from the same space by a linear head.

Licence of the weights: {licence}, following the data. Notices: Whisper is copyright OpenAI, MIT
licence; EfficientAT is copyright Florian Schmid, MIT licence; all-MiniLM-L6-v2 and
all-mpnet-base-v2 are by the sentence-transformers authors, Apache-2.0. The text tower starts from
all-MiniLM-L6-v2 and was distilled from all-mpnet-base-v2, none of whose weights are in it.

## Data

| recordings | training clips | speakers | licence |
|---|---|---|---|
{corpora}

The nonverbal corpus is published under CC BY-NC-ND 4.0. None of its recordings is in the
weights, but whoever reads "no derivatives" as covering trained weights should train without it.
Several sources allow no commercial use; neither do these weights.

Texts: GoEmotions (Apache-2.0), EmoBank (CC BY-SA 4.0), CLAP4Emo captions (CC BY-SA 4.0), class
names and captions of AudioSet (CC BY 4.0) and AudioCaps (MIT), and captions written from labels
by our own templates and lexicon. Some words and templates, and whatever resembles the wordings of
the examination, were held out of training.

## Training

{loss}. For the tower half of the contrast is
inside one corpus, so that nothing is won by telling corpora apart; for the heads, which are trained
once more on vectors of the finished tower, all of it. Emotion classes and valence-arousal are
side tasks. Random crops with changed speed, room and noise, SpecAugment, a running average of the
weights. Seed {seed}, {steps} steps of {batch} clips.{ready}{without}
Valence and arousal are priors of the category and intensity, not ratings of a clip (music: the
raters' shares of the GEMS scales).

## Measures

Speakers held out of training; clips whose sentence tells the feeling are
left out. Prompts: angry, sad, happy, fearful, calm (answered by calm and neutral). By the
exported files. UAR is over all the labels of a corpus, by prompt alone.

{figures}

That neutral voices in part answer "calm", where a corpus has no calm ones, was decided after a
look at the test figures of an earlier training; every other choice was made on validation
speakers.

## What it hears badly

- The valence of a voice: joy and anger, or surprise and fear, are told apart less well than
  calm and excited.
- Feelings that no recording here shows (pride, contempt, jealousy ...) are placed by the valence
  and arousal of the word only.
- Nearly all speech it learned from is acted, by adults, in three languages. Spontaneous speech,
  children, old voices and other languages will fare worse.
- {unmeasured}
- Calm and disgust were heard in one corpus only, so part of them may be that corpus.
- Valence is read well between categories and badly within one: it was learned from priors.
- Words do not count: it hears how something is said and not what is said.

## For what, and for what not

For finding recordings in one's own library: sound design, archives, research, accessible media.
Not for judging people: not for hiring, policing, border control, schooling, insurance, health,
lie detection, or watching employees or callers. A rank is no evidence of what anybody feels.
"""


_BADLY = "## What it hears badly"
_UNMEASURED = "For whom it works worse, by language, gender, age and kind, was not measured."
_MEASURED = "For whom it works worse, by language, gender, age and kind: the tables above."


def card(
    *,
    clips: Sequence[Clip],
    figures: Figures,
    sizes: Mapping[str, int],
    facts: Mapping[str, object],
    loss: str = "rnc",
    without: Sequence[str] = (),
    ready: Sequence[str] = (),
) -> str:
    """The card as Markdown.

    Args:
        clips: every clip that training used, to be counted.
        figures: corpus to measure to value, on the test speakers.
        sizes: bytes of `audio`, `text` and `heads`.
        facts: dim, window, hop, seed, steps, batch.
        loss: a key of `joint.LOSSES`.
        without: corpora that nothing was learned from; their figures are of all their clips.
        ready: towers (audio, text) that were taken from an earlier run.
    """
    left_out = f" Nothing was learned from {', '.join(without)}, which was tested whole."
    taken = " and ".join(f"the {tower} tower" for tower in ready)
    return _CARD.format(
        audio_origin=ORIGIN["audio"],
        text_origin=ORIGIN["text"],
        licence=LICENCE,
        loss=_LOSSES[loss],
        without=left_out if without else "",
        ready=f" Taken from an earlier run of this training: {taken}." if ready else "",
        unmeasured=_UNMEASURED,
        corpora=_corpora(clips),
        figures=_tables(figures),
        **{f"{part}_size": size / 1e6 for part, size in sizes.items()},
        **facts,
    )


def with_tables(text: str, tables: Sequence[Table]) -> str:
    """A card to which tables of an evaluation are added, before what is heard badly.

    Args:
        text: what `card` gave.
        tables: of `evaluation.groups`: by language, gender, age and kind. None leave it as it is.
    """
    if not tables:
        return text
    before, heading, after = text.replace(_UNMEASURED, _MEASURED).partition(_BADLY)
    parts = [f"## {table.title}\n\n{table.to_markdown()}\n\n" for table in tables]
    return "".join([before, *parts, heading, after])


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
