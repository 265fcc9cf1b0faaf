from pathlib import Path

import pytest

from retrieval.emotions import lookup
from retrieval.training import texts
from retrieval.training.lexicon import ADJECTIVES
from retrieval.training.words import FEELINGS, split


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    for name in ("goemotions", "emobank", "clap4emo", "audioset", "audiocaps"):
        (tmp_path / name).mkdir()
    (tmp_path / "goemotions" / "labels.txt").write_text("anger\njoy\nneutral\n")
    (tmp_path / "goemotions" / "train.tsv").write_text('"quoted\t0,2\tid1\nyes\t1\tid2\n')
    (tmp_path / "emobank" / "emobank.csv").write_text(
        'id,split,V,A,D,text\n1,train,2.0,3.5,3.0,"so, bad"\n2,test,3,3,3,fine\n'
    )
    (tmp_path / "clap4emo" / "GPTEmo_Caps.json").write_text(
        '{"A": ["shouts"], "H": [], "N": [], "S": ["cries"]}'
    )
    (tmp_path / "audioset" / "class_labels_indices.csv").write_text(
        '0,/m/1,Speech\n1,/m/2,"Dog, bark"\n'
    )
    (tmp_path / "audiocaps" / "val.csv").write_text(
        "audiocap_id,youtube_id,start_time,caption\n1,x,0,A dog barks\n2,y,0,A dog barks\n"
    )
    return tmp_path


def test_goemotions_has_names_and_keeps_quotes(labels: Path) -> None:
    first, second = texts.goemotions(labels, "train")
    assert (first.text, first.emotions) == ('"quoted', ("anger", "neutral"))
    assert second.emotions == ("joy",)
    assert texts.unasked(first).read_as is None


def test_emobank_keeps_to_its_split(labels: Path) -> None:
    (only,) = texts.emobank(labels, "train")
    assert (only.text, only.vad) == ("so, bad", (2.0, 3.5, 3.0))


def test_clap4emo_and_sounds(labels: Path) -> None:
    assert [(text.text, text.feeling) for text in texts.clap4emo(labels)] == [
        ("shouts", "angry"),
        ("cries", "sad"),
    ]
    assert [text.text for text in texts.sound_texts(labels)] == [
        "speech",
        "dog, bark",
        "A dog barks",
    ]


def test_degrees_climb_away_from_rest() -> None:
    affect = {text.text: text.affect for text in texts.degrees()}
    steps = [affect[f"{degree} angry"] for degree in ("slightly", "rather", "very")]
    valences, arousals = zip(*(step for step in steps if step), strict=True)
    assert list(valences) == sorted(valences, reverse=True)
    assert list(arousals) == sorted(arousals)
    assert all(-1 <= figure <= 1 for pair in affect.values() if pair for figure in pair)


def test_what_is_denied_is_not_what_the_teacher_reads() -> None:
    for text in texts.denials():
        assert text.read_as
        assert text.text != text.read_as
    meant = {text.text: text for text in texts.denials()}
    not_angry, angry = meant["not angry"], lookup("angry")
    assert angry is not None
    assert not_angry.read_as == "calm and composed"
    assert not_angry.affect is not None
    assert not_angry.affect[0] > angry.valence


def test_turns_are_read_as_the_part_that_holds() -> None:
    for text in texts.turns(seed=1, count=50):
        assert text.read_as
        assert text.read_as in text.text
        assert text.feeling in FEELINGS
        feeling = text.feeling or ""
        known = split(FEELINGS[feeling].adjectives) + split(ADJECTIVES.get(feeling, ""))
        assert text.read_as in known
    assert texts.turns(seed=1, count=50) == texts.turns(seed=1, count=50)


def test_held_out_words_are_not_taught() -> None:
    held_out = {
        word for words in FEELINGS.values() for word in split(words.adjectives, held_out=True)
    }
    taught = [*texts.prompts(), *texts.named_feelings(), *texts.degrees(), *texts.denials()]
    assert not [text.text for text in taught if held_out & set(text.text.split())]


def test_plain_words_are_drawn_by_seed() -> None:
    pieces = ["[PAD]", "##ing", "42", "of", "tuba", "harbour"]
    found = texts.vocabulary_texts(pieces, seed=3, count=10)
    assert len(found) == 2
    assert any("tuba" in text.text for text in found)
    assert found == texts.vocabulary_texts(pieces, seed=3, count=10)
