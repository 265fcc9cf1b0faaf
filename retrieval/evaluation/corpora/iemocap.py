"""IEMOCAP: dialogues of ten actors in five sessions, in English (Busso et al. 2008).

    IEMOCAP_full_release/Session1/dialog/EmoEvaluation/Ses01F_impro01.txt
                                  dialog/transcriptions/Ses01F_impro01.txt
                                  sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav

A line of an evaluation that opens with times is what the judges agreed on: turn, category, and
valence, activation and dominance from 1 to 5. The letter after F or M of a *dialogue* says who wore
the markers; who speaks is said by the letter of the *turn*. The layout and both kinds of lines were
checked against public code that reads them (Strong-AI-Lab/emotion, datasets/IEMOCAP/process.py, and
several others); the corpus itself is licensed, and was not at hand.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from retrieval.evaluation.corpora.row import Row

SHAPE = "IEMOCAP: SessionN/dialog/EmoEvaluation/*.txt"

# What is called other (oth), and what the judges did not agree on (xxx), has no label.
EMOTIONS = {
    "ang": "angry", "hap": "happy", "exc": "excited", "neu": "neutral", "sad": "sad",
    "fru": "frustrated", "sur": "surprised", "fea": "fearful", "dis": "disgust",
}  # fmt: skip

#: The classes of most papers, in which excitement counts as happiness.
FOUR = {"ang": "angry", "hap": "happy", "exc": "happy", "neu": "neutral", "sad": "sad"}

_TURN = re.compile(
    r"\[[\d.]+ - [\d.]+\]\t((Ses\d\d)[FM]_\w+_([FM])\w+)\t(\w+)"
    r"\t\[([\d.]+), ([\d.]+), ([\d.]+)\]"
)
_SAID = re.compile(r"(Ses\w+) \[[\d.]+-[\d.]+\]:(.*)")
# [LAUGHTER] is no word, and would tell the feeling.
_NOISE = re.compile(r"\[\w+\]")
_GENDERS = {"F": "female", "M": "male"}


def rows(folder: Path, _: Sequence[PurePosixPath]) -> dict[str, list[Row]]:
    """Every turn with a label as `iemocap`, and those of the four classes as `iemocap4`.

    Args:
        folder: the release, or the folder in which it lies.
    """
    found = [row for session in _sessions(folder) for row in _turns(folder, session)]
    four = [
        row | {"corpus": "iemocap4", "emotion": FOUR[row["emotion_raw"]]}
        for row in found
        if row["emotion_raw"] in FOUR
    ]
    return {"iemocap": found, "iemocap4": four} if found else {}


def _sessions(folder: Path) -> list[Path]:
    return sorted(
        evaluation.parent.parent
        for above in ("", "IEMOCAP_full_release/")
        for evaluation in folder.glob(f"{above}Session[1-5]/dialog/EmoEvaluation")
    )


def _turns(folder: Path, session: Path) -> Iterator[Row]:
    said = _transcripts(session)
    for name, part, letter, code, *rated in _lines(session / "dialog" / "EmoEvaluation", _TURN):
        dialogue = name.rsplit("_", 1)[0]
        path = session / "sentences" / "wav" / dialogue / f"{name}.wav"
        yield {
            "path": path.relative_to(folder).as_posix(),
            "corpus": "iemocap",
            "clip_id": name,
            "speaker": f"iemocap_{part}{letter}",
            "session": part,
            "gender": _GENDERS[letter],
            "kind": "speech",
            "language": "en",
            "emotion": EMOTIONS.get(code, ""),
            "emotion_raw": code if code in EMOTIONS else "",
            "transcript": said.get(name, ""),
        } | dict(zip(("rated_valence", "rated_arousal", "rated_dominance"), rated, strict=True))


def _transcripts(session: Path) -> dict[str, str]:
    lines = _lines(session / "dialog" / "transcriptions", _SAID)
    return {turn: " ".join(_NOISE.sub(" ", text).split()) for turn, text in lines}


def _lines(folder: Path, pattern: re.Pattern[str]) -> Iterator[tuple[str, ...]]:
    for file in sorted(folder.glob("[!.]*.txt")):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            match = pattern.match(line)
            if match:
                yield match.groups()
