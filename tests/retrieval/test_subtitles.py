from retrieval.subtitles import Line, read_subtitles

SRT = """1
00:00:01,500 --> 00:00:03,000
<i>Don't</i>
go.

2
01:02:03.250 --> 01:02:04.5 X1:40 X2:600
{\\an8}Stay &amp; wait.
"""

VTT = """WEBVTT - some title
Kind: captions

STYLE
::cue { color: red }

NOTE a comment
of two rows

REGION
id:fred

intro
00:01.000 --> 00:02.500 align:start position:10%
<v Anna>It was <c.loud>so</c> <00:02.100>good</v>

00:59:59.999 --> 101:00:00.000
3 &lt; 4 &gt; 2
"""


def test_subrip_with_tags_settings_and_both_marks() -> None:
    assert read_subtitles(SRT) == [
        Line("Don't go.", 1.5, 3.0),
        Line("Stay & wait.", 3723.25, 3724.5),
    ]
    assert read_subtitles(SRT.replace("\n", "\r\n")) == read_subtitles(SRT)


def test_webvtt_without_its_header_comments_styles_and_names() -> None:
    assert read_subtitles(VTT) == [
        Line("It was so good", 1.0, 2.5),
        Line("3 < 4 > 2", 3599.999, 363600.0),
    ]


def test_cues_without_an_empty_line_between_them() -> None:
    tight = "1\n00:01.0 --> 00:02.0\nOne\n2\n00:02.0 --> 00:03.0\nTwo\n3\n00:03.0 --> 00:04.0\n4"
    assert [line.text for line in read_subtitles(tight)] == ["One", "Two", "4"]


def test_what_says_nothing_is_left_out() -> None:
    assert read_subtitles("") == []
    assert read_subtitles("only words, no times") == []
    assert read_subtitles("00:01.0 --> 00:02.0\n<i> </i>\n\nno cue\n") == []
    assert read_subtitles("say --> 3\n\n00:x1.0 --> 00:02.0\nno\n") == []


def test_a_smaller_sign_that_is_no_tag_stays() -> None:
    (line,) = read_subtitles("00:01.0 --> 00:02.0\n<3 and 1 < 2 <b>big</b>")
    assert line.text == "<3 and 1 < 2 big"
