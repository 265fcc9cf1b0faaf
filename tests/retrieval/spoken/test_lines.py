import json

from retrieval.spoken.lines import Line, joined, to_json, to_srt, to_text, to_vtt
from retrieval.subtitles import read_subtitles

SAID = (Line("Ever  tried.", 0.5, 1.25), Line("A & B < C", 3599.9996, 3723.0))
UNTIMED = Line("No matter.")


def test_lines_as_one_text() -> None:
    assert joined([*SAID, Line(" "), UNTIMED]) == "Ever tried. A & B < C No matter."
    assert joined([]) == ""


def test_subtitles_are_read_back_as_they_were_written() -> None:
    kept = [Line("Ever tried.", 0.5, 1.25), Line("A & B < C", 3600.0, 3723.0)]
    assert read_subtitles(to_vtt([*SAID, UNTIMED])) == kept
    assert read_subtitles(to_srt([*SAID, UNTIMED])) == kept


def test_what_players_want_to_see() -> None:
    assert to_srt(SAID[:1]) == "1\n00:00:00,500 --> 00:00:01,250\nEver  tried.\n"
    assert to_vtt(SAID[1:]) == "WEBVTT\n\n01:00:00.000 --> 01:02:03.000\nA &amp; B &lt; C\n"
    assert (to_srt([UNTIMED]), to_vtt([])) == ("", "WEBVTT\n")


def test_lines_for_people_and_for_programs() -> None:
    assert to_text([SAID[0], UNTIMED]).splitlines() == [
        "    0.50-1.25      Ever  tried.",
        "No matter.",
    ]
    record = json.loads(to_json("/a.wav", [SAID[1], UNTIMED], "an ear 1.0"))
    assert record["path"] == "/a.wav"
    assert record["origin"] == "an ear 1.0"
    assert record["lines"] == [
        {"start": 3600.0, "end": 3723.0, "text": "A & B < C"},
        {"start": None, "end": None, "text": "No matter."},
    ]
