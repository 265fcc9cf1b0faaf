"""The map as a page and as a picture."""

import re
import sys

import numpy as np
import pytest

from retrieval.errors import MissingExtra, PromptError
from retrieval.recognition.attention.aligner import HOP, Alignment
from retrieval.recognition.attention.attended import Attended
from retrieval.recognition.attention.map import (
    check_path,
    darkness,
    heading,
    loudness_line,
    ticks,
    to_html,
    write,
)


def passage(words=("oh", "dear"), start=0.0, frames=10):
    rng = np.random.default_rng(0)
    return Alignment(
        words=words,
        weights=rng.dirichlet(np.full(frames, 0.3), len(words)).astype(np.float32),
        times=start + np.array([[n, n + 1] for n in range(len(words))]) * HOP,
        shares=np.full(len(words), 1 / len(words), np.float32),
        chances={"sad": 0.7, "angry": 0.2, "happy": 0.1},
        start=start,
        loudness=np.linspace(-70, -10, frames).astype(np.float32),
    )


def test_the_page_has_a_row_for_each_word_and_loads_nothing():
    page = to_html(Attended("/sounds/a.wav", (passage(), passage(start=3.0))))
    assert page.count('class="said"') == 4 and page.count("<svg") == 2
    assert ">oh</text>" in page and "a.wav" in page and "{{" not in page
    assert not re.search(r"https?:|src=|href=|<script", page)


def test_the_page_escapes_what_it_is_given():
    page = to_html(Attended('/sounds/<b>"a".wav', (passage(("<script>", "b&w")),)))
    assert "<script>" not in page and "<b>" not in page
    assert "&lt;script&gt;" in page and "b&amp;w" in page


def test_dark_cells_are_those_with_weight():
    one = passage()
    page = to_html(Attended("a.wav", (one,)))
    drawn = re.findall(r'class="cell"[^>]*fill-opacity="([\d.]+)"', page)
    assert len(drawn) == int((darkness(one.weights) > 0.02).sum())
    assert float(max(drawn)) == 1.0


def test_a_word_is_framed_where_it_is_said():
    one = passage(frames=10)  # the second word from frame 1 to 2, of 70 pixels each
    x = re.findall(r'class="said" x="([\d.]+)"', to_html(Attended("a.wav", (one,))))
    assert [float(value) for value in x] == [130.0, 200.0]


def test_loudness_is_drawn_from_50_db_below_the_loudest():
    line = loudness_line(passage())
    assert line[0] == 0 and line[-1] == 1 and (np.diff(line) >= 0).all()
    silent = Alignment(
        ("a",), np.ones((1, 3), np.float32), np.zeros((1, 2)), np.ones(1), {"sad": 1}
    )
    assert not loudness_line(silent).any()


def test_the_heading_says_when_and_what():
    assert heading(passage(start=3.0)) == "3.00 to 3.80 s: sad 70%, angry 20%, happy 10%"


@pytest.mark.parametrize(("start", "end"), [(0.0, 0.5), (0.03, 4.2), (61.3, 71.3), (0.0, 10.0)])
def test_ticks_are_round_and_inside(start, end):
    found = ticks(start, end)
    assert 4 <= len(found) <= 13
    assert start - 1e-9 <= found[0] and found[-1] <= end + 1e-9
    assert np.allclose(np.diff(found), found[1] - found[0])


def test_a_picture_is_written(tmp_path):
    pytest.importorskip("matplotlib")
    write(Attended("a.wav", (passage(), passage(("x",), 3.0))), tmp_path / "map.PNG")
    assert (tmp_path / "map.PNG").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtra, match="matplotlib") as raised:
        write(Attended("a.wav", (passage(),)), tmp_path / "map.png")
    assert raised.value.remedy == "pip install 'affetto[figures]'"


def test_other_files_are_refused(tmp_path):
    with pytest.raises(PromptError, match="HTML or PNG"):
        check_path(tmp_path / "map.svg")
    with pytest.raises(PromptError, match="nothing can be written there"):
        write(Attended("a.wav", (passage(),)), tmp_path / "absent" / "map.html")
