"""docs/features.md names what the code measures, with its units."""

import re
from pathlib import Path

from retrieval.features import measures, readings, tracks
from retrieval.features.measures import UNITS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "features.md").read_text(encoding="utf-8")


def test_every_feature_is_described_with_its_unit() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| [^|]+ \| [^|]+ \| [^|]+ \|$", PAGE, re.MULTILINE)
    assert [row for row in rows if not row[1].endswith(")")] == list(UNITS.items())


def test_the_page_has_the_figures_of_the_code() -> None:
    assert f"window of {readings.WINDOW:g} s, every\n{readings.HOP:g} s" in PAGE
    assert f"stretches of {tracks.STRETCH:g} s that overlap by {tracks.OVERLAP:g} s" in PAGE
    assert f"more than {measures.BELOW:g} dB below the loudest" in PAGE
    assert f"below {measures.SILENCE:g} dBFS" in PAGE
    assert f"silences of {measures.PAUSE:g} s and more" in PAGE
    assert f"{measures.DIP:g} dB above the dips" in PAGE
    assert f"fewer than {measures.LEAST_VOICED} frames are voiced" in PAGE
    assert f"fewer than {measures.LEAST_PAIRS} pairs" in PAGE
    assert f"power spectrum above {tracks.RUMBLE:g} Hz" in PAGE
    low, high = tracks.HIGH_BAND
    assert f"power of {low / 1000:g} to {high / 1000:g} kHz" in PAGE
    assert f"resampled to {tracks.RATE / 1000:g} kHz" in PAGE
