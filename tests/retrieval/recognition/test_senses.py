"""The recogniser that ships, on a recording that ships."""

from pathlib import Path

from retrieval.annotating import mismatches_alone, recognise_alone
from retrieval.recognition.senses import builtin_senses

ANGRY = Path(__file__).parents[3] / "docs/sample/sounds/speech/us-f4/cup-angry.ogg"


def test_voice_and_words_are_judged_and_compared() -> None:
    senses = builtin_senses()
    happy = "I love you, what a lovely day"
    whole, *passages = recognise_alone(str(ANGRY), happy, senses)
    assert (len(passages), whole.words, whole.words_emotion) == (1, happy, "happy")
    assert (whole.words_valence or 0) > 0.5 > (whole.voice_valence or 0)
    plain = recognise_alone(str(ANGRY), "The cup is standing by the window", senses)[0]
    assert (plain.mismatch or 0) < (whole.mismatch or 0)
    assert plain.voice_valence == whole.voice_valence
    polish = recognise_alone(str(ANGRY), "Ona jest dzisiaj bardzo smutna", senses)[0]
    assert (polish.words, polish.fusion, polish.mismatch) == (None, "voice", None)
    (found,) = mismatches_alone(str(ANGRY), "What a lovely day", senses, 3, passages=False)
    assert found.weighed[0].word == "lovely"
