"""Two streams of a window: which ear hears them, in what pieces, at which rate."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from retrieval.encoders.fused.streams import Streams, builtin_ear, open_streams
from retrieval.encoders.registry import load_space
from retrieval.errors import PromptError, SpaceError
from retrieval.space import Space


class Halves:
    """Stands for the built-in towers: five frames, and three."""

    rate, licence = 16_000, "CC0"

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def hear(self, samples: np.ndarray) -> Mapping[str, np.ndarray]:
        self.lengths.append(len(samples))
        return {"speech": np.zeros((5, 2), np.float32), "sound": np.ones((3, 4), np.float32)}

    def fingerprint(self, name: str) -> str:
        return f"halves {name}"


def noise(samples: int) -> np.ndarray:
    return 0.1 * np.random.default_rng(0).standard_normal(samples).astype(np.float32)


def opened(*names: str, spaces: Mapping[str, Space] | None = None) -> tuple[Streams, Halves]:
    ear = Halves()
    return open_streams(names, (spaces or {}).__getitem__, lambda: ear), ear


def test_both_built_in_streams_are_heard_at_once_in_the_order_asked_for() -> None:
    streams, ear = opened("sound", "speech")
    one, other = streams.hear(noise(16_000))
    assert one.shape == (3, 4) and other.shape == (5, 2)
    assert ear.lengths == [16_000]
    assert streams.fingerprints == ("halves sound", "halves speech")
    assert streams.rate == 16_000 and streams.licences == ("CC0",)


def test_the_towers_give_a_frame_each_160_and_320_ms() -> None:
    ear = builtin_ear()
    heard = ear.hear(noise(4 * ear.rate))
    assert heard["speech"].shape == (25, 768) and heard["sound"].shape[1] == 384
    assert len(heard["sound"]) == pytest.approx(12.5, abs=1)
    assert ear.fingerprint("speech") != ear.fingerprint("sound")


def test_the_frames_of_a_space_are_its_vectors_of_pieces(space: Space) -> None:
    other = replace(space, name="other")
    streams, _ = opened("tiny", "other", spaces={"tiny": space, "other": other})
    window = noise(4 * 8000)
    one, two = streams.hear(window)
    pieces = [window[start : start + 8000] for start in range(0, 4 * 8000 - 7999, 4000)]
    np.testing.assert_array_equal(one, space.audio.encode(pieces))
    np.testing.assert_array_equal(one, two)
    assert one.shape == (7, 8)
    short, _ = streams.hear(window[:2000])
    np.testing.assert_array_equal(short, space.audio.encode([window[:2000]]))


def test_each_ear_hears_at_its_own_rate(space: Space) -> None:
    streams, ear = opened("tiny", "sound", spaces={"tiny": space})
    assert streams.rate == 16_000
    time = np.arange(32_000) / 16_000
    tone = (0.3 * np.sin(2 * np.pi * 500 * time)).astype(np.float32)
    frames, _ = streams.hear(tone)
    assert ear.lengths == [32_000] and frames.shape == (3, 8)
    np.testing.assert_allclose(frames[1], space.audio.encode([tone[8000:24_000:2]])[0], atol=0.1)
    assert streams.licences == (space.licence, "CC0")


def test_what_a_space_hears_is_in_the_fingerprint(space: Space) -> None:
    def fingerprint(spaces: Mapping[str, Space]) -> tuple[str, str]:
        return opened("tiny", "sound", spaces=spaces)[0].fingerprints

    class Changed(type(space.audio)):  # type: ignore[misc]
        fingerprint = "bands-2"

    changed = replace(space, audio=Changed())
    assert fingerprint({"tiny": space})[0] != fingerprint({"tiny": changed})[0]
    assert fingerprint({"tiny": space})[1] == fingerprint({"tiny": changed})[1]


@pytest.mark.parametrize("names", [(), ("speech",), ("speech", "speech"), ("a", "b", "c")])
def test_two_different_names_are_asked_for(names: tuple[str, ...]) -> None:
    with pytest.raises(PromptError, match="two different streams"):
        opened(*names)


def test_a_stream_that_is_no_space_and_one_that_is_fused_are_refused(space: Space) -> None:
    with pytest.raises(SpaceError, match="no space 'nowhere'"):
        open_streams(("speech", "nowhere"), load_space, Halves)
    fused = replace(space, name="fused", audio=_Fused(opened("speech", "sound")[0]))
    with pytest.raises(SpaceError, match="can be none itself"):
        opened("fused", "sound", spaces={"fused": fused})


class _Fused:
    name, rate, dim, fingerprint = "fused", 16_000, 8, "fused-1"

    def __init__(self, streams: Streams) -> None:
        self.streams = streams

    def encode(self, windows: Sequence[np.ndarray]) -> np.ndarray:
        raise AssertionError(f"{len(windows)} windows are heard to find out")
