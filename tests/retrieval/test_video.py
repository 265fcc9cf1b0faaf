from pathlib import Path

import numpy as np
import pytest

from retrieval.audio import probe, read
from retrieval.errors import AudioError

av = pytest.importorskip("av")

RATE = 16000


def write_tone(
    path: Path, codec: str, format: str, *, seconds: float = 3.0, rate: int = 44100
) -> None:
    """A rising tone in both channels; its second is told by its pitch."""
    times = np.arange(round(seconds * rate)) / rate
    samples = np.tile(0.5 * np.sin(2 * np.pi * (300 + 100 * times) * times), (2, 1))
    with av.open(str(path), "w", format=format) as container:
        container.metadata.update(title="Rivière", artist="Nobody")
        stream = container.add_stream(codec, rate=rate, layout="stereo")
        for at in range(0, samples.shape[1], 1024):
            block = samples[:, at : at + 1024].astype("f4")
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = rate, at
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


CONTAINERS = [
    ("aac", "ipod", "MP4"),
    ("aac", "mp4", "MP4"),
    ("alac", "mov", "MP4"),
    ("pcm_s16le", "mov", "MP4"),
    ("pcm_u8", "avi", "AVI"),
    ("aac", "matroska", "MATROSKA"),
    ("pcm_s32le", "matroska", "MATROSKA"),
    ("libopus", "webm", "MATROSKA"),
    ("aac", "adts", "AAC"),
    ("aac", "flv", "FLV"),
    ("aac", "mpegts", "MPEGTS"),
    ("mp2", "mpeg", "MPEG"),
    ("wmav2", "asf", "ASF"),
]


@pytest.mark.parametrize(("codec", "format", "name"), CONTAINERS)
def test_every_container_gives_back_the_tone(
    tmp_path: Path, codec: str, format: str, name: str
) -> None:
    path = tmp_path / "misnamed.wav"
    rate = 48000 if codec == "libopus" else 44100
    try:
        write_tone(path, codec, format, rate=rate)
    except av.FFmpegError:
        pytest.skip(f"this build of PyAV does not encode {codec}")
    info = probe(path)
    assert (info.format, info.rate, info.channels) == (name, rate, 2)
    assert info.duration == pytest.approx(3.0, abs=0.15)
    samples = read(path, RATE)
    assert len(samples) / RATE == pytest.approx(3.0, abs=0.1)
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.5 / 2**0.5, rel=0.05)
    middle = samples[RATE : 2 * RATE] * np.hanning(RATE)
    assert np.argmax(np.abs(np.fft.rfft(middle))) == pytest.approx(600, abs=60)
    assert np.array_equal(samples, read(path, RATE))
    excerpt = read(path, rate, 2.0, 2.5)
    assert np.abs(excerpt - read(path, rate)[2 * rate : 5 * rate // 2]).max() < 1e-4


def test_tags_of_a_container(tmp_path: Path) -> None:
    write_tone(tmp_path / "voice.m4a", "aac", "ipod", seconds=0.5)
    tags = probe(tmp_path / "voice.m4a").tags
    assert (tags["title"], tags["artist"]) == ("Rivière", "Nobody")
    assert "major_brand" not in tags


def test_aac_after_an_id3_tag(tmp_path: Path) -> None:
    path = tmp_path / "radio.mp3"
    write_tone(path, "aac", "adts")
    path.write_bytes(b"ID3\x03\0\0\0\0\x07\x68" + bytes(1000) + path.read_bytes())
    assert probe(path).format == "AAC"
    assert len(read(path, RATE)) / RATE == pytest.approx(3.0, abs=0.1)


def test_damaged_containers(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "voice.mkv"
    write_tone(path, "aac", "matroska")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(AudioError, match=r"truncated: 1\.\d\d s of 3\.\d\d s"):
        read(path, RATE)
    write_tone(path, "aac", "ipod")
    path.write_bytes(path.read_bytes()[:5000])  # its index, at the end, is lost
    with pytest.raises(AudioError, match="cannot be decoded"):
        read(path, RATE)
    assert capfd.readouterr() == ("", "")


def test_pictures_without_sound(tmp_path: Path) -> None:
    path = tmp_path / "mute.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 64
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), "u1"), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(AudioError, match="no sound, only pictures"):
        read(path, RATE)


def test_a_path_that_looks_like_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_tone(tmp_path / "voice.m4a", "aac", "ipod", seconds=0.5)
    name = Path("concat:é%20 a.m4a")
    (tmp_path / "voice.m4a").rename(name)
    assert len(read(name, RATE)) / RATE == pytest.approx(0.5, abs=0.05)
