"""The page and the picture of an alignment."""

import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import MissingExtra, PromptError
from retrieval.evaluation.alignment import Alignment
from retrieval.evaluation.atlas import COLOURS, HEIGHT, MARGIN, WIDTH, to_html, write, write_png
from retrieval.evaluation.findings import sentences

VOID = {"meta", "path", "circle"}


class Page(HTMLParser):
    """Tags with their attributes, and the text of the page; every tag must be closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def of_class(self, name: str) -> list[dict[str, str | None]]:
        return [found for _, found in self.tags if name in (found.get("class") or "").split()]


def data_of(text: str) -> list[dict[str, object]]:
    (found,) = re.findall(r'<script type="application/json" id="clips">(.*?)</script>', text)
    return list(json.loads(found))


def test_the_page_shows_clips_groups_and_texts(aligned: Alignment) -> None:
    text = to_html(aligned)
    page = Page(text)
    assert page.open == []
    assert len(page.of_class("point")) == len(data_of(text)) == 12
    assert len(page.of_class("mean")) == len(page.of_class("tie")) == 3
    assert len(page.of_class("text")) == 4
    assert len(page.of_class("cell")) == 12
    assert len(page.of_class("own")) == 3
    for line in sentences(aligned):
        assert line in page.words
    assert "a sad voice" in page.words


def test_the_page_loads_nothing(aligned: Alignment) -> None:
    text = to_html(aligned)
    assert "{{" not in text
    for tag, attributes in Page(text).tags:
        assert tag not in {"link", "img", "iframe"}
        assert not {"src", "href"} & attributes.keys()
    assert not re.search(r"https?:|@import|url\(|fetch\(", text)


def test_every_clip_lies_inside_the_map_where_its_group_is(aligned: Alignment) -> None:
    text = to_html(aligned)
    places = []
    for row, mark in enumerate(Page(text).of_class("point")):
        assert mark["data-clip"] == str(row)
        assert mark["data-group"] == str(aligned.clips.groups[row])
        assert mark["fill"] == COLOURS[aligned.clips.groups[row]]
        x, y = map(float, re.findall(r"[\d.]+", str(mark["transform"])))
        assert MARGIN - 1 <= x <= WIDTH - MARGIN + 1
        assert MARGIN - 1 <= y <= HEIGHT - MARGIN + 1
        places.append((x, -y))
    shown = np.array(places) - places[0]
    expected = aligned.map.clips - aligned.map.clips[0]
    scale = np.abs(shown).max() / np.abs(expected).max()
    np.testing.assert_allclose(shown, expected * scale, atol=0.2)
    assert data_of(text)[3]["path"] == aligned.clips.paths[3]


def test_names_are_text_and_never_markup(aligned: Alignment) -> None:
    nasty = "</script><b>&'\"{{map}}"
    clips = replace(
        aligned.clips,
        names=(nasty, *aligned.clips.names[1:]),
        paths=(nasty, *aligned.clips.paths[1:]),
    )
    text = to_html(replace(aligned, clips=clips, texts=(nasty, *aligned.texts[1:])))
    page = Page(text)
    assert page.open == []
    assert all(tag != "b" for tag, _ in page.tags)
    assert nasty in page.words
    assert data_of(text)[0]["path"] == nasty
    assert len(page.of_class("point")) == 12


def test_the_picture_is_a_png(aligned: Alignment, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    write_png(aligned, tmp_path / "align.png")
    write_png(aligned, tmp_path / "again.png")
    made = (tmp_path / "align.png").read_bytes()
    assert made.startswith(b"\x89PNG")
    assert len(made) > 10_000
    assert (tmp_path / "again.png").read_bytes() == made


def test_three_files_are_written_and_named(aligned: Alignment, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    notes = list(write(aligned, tmp_path / "deep" / "out"))
    assert [Path(note.removeprefix("written: ")).name for note in notes] == [
        "align.json",
        "align.html",
        "align.png",
    ]
    assert {file.name for file in (tmp_path / "deep" / "out").iterdir()} == {
        "align.json",
        "align.html",
        "align.png",
    }


def test_without_matplotlib_the_rest_is_written(
    aligned: Alignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtra, match=r"needs matplotlib"):
        write_png(aligned, tmp_path / "align.png")
    notes = list(write(aligned, tmp_path))
    assert notes[-1].startswith("not written: ")
    assert "pip install 'affetto[figures]'" in notes[-1]
    assert {file.name for file in tmp_path.iterdir()} == {"align.json", "align.html"}


def test_a_folder_that_cannot_be_made_is_refused(aligned: Alignment, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PromptError, match="nothing can be written there") as caught:
        list(write(aligned, tmp_path / "file" / "out"))
    assert caught.value.remedy == "choose another folder with --out"
