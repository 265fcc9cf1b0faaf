import os
import socket
import struct
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from retrieval.audio import EXTENSIONS, blocks, content_hash, probe, read
from retrieval.errors import AudioError, MissingExtra

RATE = 16000


def tone(rate: int = 44100, seconds: float = 1.0, channels: int = 1, hz: float = 440.0):
    times = np.arange(round(seconds * rate)) / rate
    return np.tile(0.5 * np.sin(2 * np.pi * hz * times)[:, None], (1, channels)).astype("f4")


def assert_is_the_tone(samples, seconds: float, amplitude: float = 0.5) -> None:
    assert samples.dtype == np.float32
    assert len(samples) == pytest.approx(seconds * RATE, abs=0.04 * RATE)
    middle = samples[len(samples) // 8 : -len(samples) // 8]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) * RATE / len(middle) == pytest.approx(440, abs=2)
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(amplitude / 2**0.5, rel=0.06)


def refused(path: Path, *words: str) -> AudioError:
    with pytest.raises(AudioError) as caught:
        read(path, RATE)
    assert caught.value.path == str(path)
    for word in words:
        assert word in caught.value.error
    return caught.value


def mpeg_frames(data: bytes) -> list[bytes]:
    """The frames of an MPEG 1 layer III stream at 44.1 kHz."""
    kbits = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
    frames = []
    while len(data) > 4:
        size = 144000 * kbits[data[2] >> 4] // 44100 + (data[2] >> 1 & 1)
        frames.append(data[:size])
        data = data[size:]
    return frames


FORMATS = [
    *[("WAV", kind) for kind in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")],
    *[("WAV", kind) for kind in ("ULAW", "IMA_ADPCM")],
    *[("FLAC", kind) for kind in ("PCM_S8", "PCM_16", "PCM_24")],
    *[("AIFF", kind) for kind in ("PCM_16", "PCM_24", "FLOAT")],
    ("OGG", "VORBIS"),
    ("OGG", "OPUS"),
    ("MP3", "MPEG_LAYER_III"),
    ("AU", "PCM_16"),
    ("CAF", "ALAC_16"),
    ("W64", "PCM_16"),
    ("RF64", "PCM_24"),
]


@pytest.mark.parametrize(("format", "subtype"), FORMATS)
def test_every_format_gives_back_the_tone(tmp_path: Path, format: str, subtype: str) -> None:
    path = tmp_path / "tone"
    rate = 48000 if subtype == "OPUS" else 44100
    soundfile.write(path, tone(rate, 2.0, 2), rate, subtype, format=format)
    info = probe(path)
    assert (info.format, info.subtype, info.rate, info.channels) == (format, subtype, rate, 2)
    assert info.duration == pytest.approx(2.0, abs=0.05)
    assert_is_the_tone(read(path, RATE), 2.0)


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000, 96000, 192000])
def test_every_rate_and_channel_count(tmp_path: Path, rate: int, channels: int) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(rate, 0.7, channels), rate)
    samples = read(path, RATE)
    assert len(samples) == pytest.approx(0.7 * RATE, abs=1)
    assert_is_the_tone(samples, 0.7)


def test_at_its_own_rate_mono_is_untouched(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).uniform(-1, 1, 300_000).astype("f4")
    soundfile.write(tmp_path / "noise.wav", noise, RATE, "FLOAT")
    assert np.array_equal(read(tmp_path / "noise.wav", RATE), noise)


def test_stereo_is_mixed_by_the_mean(tmp_path: Path) -> None:
    left, right = tone(seconds=2.0), np.zeros((88200, 1), "f4")
    soundfile.write(tmp_path / "left.wav", np.hstack([left, right]), 44100)
    assert_is_the_tone(read(tmp_path / "left.wav", RATE), 2.0, amplitude=0.25)
    soundfile.write(tmp_path / "opposite.wav", np.hstack([left, -left]), 44100, "FLOAT")
    assert np.abs(read(tmp_path / "opposite.wav", RATE)).max() == 0


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_reading_by_blocks_equals_reading_whole(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"noise.{suffix}"
    noise = np.random.default_rng(2).uniform(-0.5, 0.5, (400_000, 2))  # several blocks
    soundfile.write(path, noise, 44100)
    whole = soundfile.read(path, dtype="float32")[0].mean(axis=1)
    assert np.abs(read(path, 44100) - whole).max() < 1e-6
    assert np.array_equal(read(path, RATE), read(path, RATE))
    excerpt = read(path, 44100, 3.0, 5.5)
    assert np.abs(excerpt - whole[132300:242550]).max() < 1e-6


def test_range_reaches_to_the_end_and_not_beyond(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(seconds=2.0), 44100)
    assert len(read(path, 44100, 1.5, 9.0)) == 22050
    with pytest.raises(AudioError, match="no sound after 3 s"):
        read(path, 44100, 3.0)
    for start, end in [(-1.0, None), (2.0, 1.0), (1.0, 1.0)]:
        with pytest.raises(ValueError, match="range"):
            read(path, 44100, start, end)


def test_a_single_sample_may_come_out_as_none(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "click.wav", tone()[:1], 44100)
    assert len(read(tmp_path / "click.wav", RATE)) == 0


def test_tags_are_read(tmp_path: Path) -> None:
    for suffix in ("wav", "flac", "ogg", "mp3"):
        path = tmp_path / f"tagged.{suffix}"
        with soundfile.SoundFile(path, "w", 44100, 1) as sound:
            sound.title, sound.artist = "Rivière", "Nobody"
            sound.write(tone())
        assert probe(path).tags == {"title": "Rivière", "artist": "Nobody"}


def test_content_says_what_a_file_is_and_its_name_does_not(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "really.mp3", tone(), 44100)
    for name in ("mp3.wav", "mp3.raw", "mp3.au", "mp3.m4a", "mp3"):
        path = tmp_path / name
        path.write_bytes((tmp_path / "really.mp3").read_bytes())
        assert probe(path).format == "MP3"
        assert_is_the_tone(read(path, RATE), 1.0)
    jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256)) * 40
    for name in ("jpeg.wav", "jpeg.au", "jpeg.raw", "jpeg.mp3"):
        (tmp_path / name).write_bytes(jpeg)
        assert "convert" in str(refused(tmp_path / name, "not sound in a format").remedy)


def test_mp3_of_varying_bit_rate_without_a_length_is_read_to_its_end(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).normal(0, 0.2, 3 * 44100)
    samples = np.concatenate([noise, np.zeros(9 * 44100)])  # the bit rate falls after 3 s
    path = tmp_path / "vbr.mp3"
    with soundfile.SoundFile(path, "w", 44100, 1, bitrate_mode="VARIABLE") as sound:
        sound.write(samples)
    frames = mpeg_frames(path.read_bytes())
    assert b"Xing" in frames[0]
    path.write_bytes(b"".join(frames[1:]))
    assert soundfile.info(path).duration < 6  # what libsndfile makes of it
    assert len(read(path, RATE)) / RATE == pytest.approx(12, abs=0.1)
    excerpt = read(path, 44100, 2.0, 4.0)
    assert np.array_equal(excerpt, read(path, 44100)[88200:176400])


def test_flac_of_undeclared_length_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "stream.flac"
    soundfile.write(path, tone(seconds=5.0), 44100)
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0  # the 36 bits of STREAMINFO that count the samples
    data[22:26] = bytes(4)
    path.write_bytes(data)
    assert probe(path).duration == pytest.approx(5.0)
    assert_is_the_tone(read(path, RATE), 5.0)


@pytest.mark.parametrize("size", [0x7FFFF000, 0xFFFFFFFF])
def test_wav_whose_writer_did_not_know_the_length(tmp_path: Path, size: int) -> None:
    path = tmp_path / "pipe.wav"
    soundfile.write(path, tone(), 44100)
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = struct.pack("<I", size)
    path.write_bytes(data)
    assert_is_the_tone(read(path, RATE), 1.0)


@pytest.mark.parametrize("format", ["WAV", "AIFF", "AU", "W64", "RF64", "FLAC", "MP3"])
def test_truncated(tmp_path: Path, format: str) -> None:
    path = tmp_path / "cut"
    soundfile.write(path, tone(seconds=4.0), 44100, format=format)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    error = refused(path, "truncated: ", " s of 4.00 s can be read")
    present = float(error.error.split()[1])
    assert present == pytest.approx(2.4, abs=0.15)
    path.write_bytes(data[: len(data) * 97 // 100])  # 0.12 s: no more than a lost packet
    samples = read(path, RATE)
    assert 3.75 < len(samples) / RATE < 4.0
    assert_is_the_tone(samples, len(samples) / RATE)


def test_truncated_before_the_sound_begins(tmp_path: Path) -> None:
    path = tmp_path / "cut.flac"
    soundfile.write(path, tone(), 44100)
    path.write_bytes(path.read_bytes()[:60])
    refused(path)


def test_samples_that_are_not_numbers(tmp_path: Path) -> None:
    for bad in (np.nan, np.inf, -np.inf):
        samples = tone(channels=2)
        samples[30_000, 1] = bad
        soundfile.write(tmp_path / "bad.wav", samples, 44100, "FLOAT")
        refused(tmp_path / "bad.wav", "not numbers")


def test_files_with_nothing_in_them(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    refused(tmp_path / "empty.wav", "empty")
    soundfile.write(tmp_path / "none.wav", np.empty(0), 44100)
    refused(tmp_path / "none.wav", "no samples")
    (tmp_path / "tag.mp3").write_bytes(b"ID3\x03\0\0\0\0\x07\x68" + bytes(1000))
    refused(tmp_path / "tag.mp3", "not sound")
    for size in (1, 2, 5, 11):
        (tmp_path / "short.mp3").write_bytes(b"\xff\xfb\x90\x44" * 3)
        os.truncate(tmp_path / "short.mp3", size)
        refused(tmp_path / "short.mp3")


def test_a_rate_that_is_no_sound_is_refused(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "slow.wav"), "wb") as file:
        file.setparams((1, 2, 1, 0, "NONE", ""))
        file.writeframes(bytes(200_000))
    refused(tmp_path / "slow.wav", "1 Hz")


@pytest.mark.parametrize("use", [probe, content_hash, lambda path: read(path, RATE)])
def test_what_is_not_a_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, use: Callable[[Path], object]
) -> None:
    def why(path: Path) -> str:
        with pytest.raises(AudioError) as caught:
            use(path)
        assert caught.value.path == str(path)
        return caught.value.error

    os.mkfifo(tmp_path / "fifo.wav")
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    with monkeypatch.context() as patch:  # a socket's path must be short
        patch.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket.wav")
    assert why(tmp_path) == "a folder, not a file"
    assert why(tmp_path / "fifo.wav") == "a fifo, not a file"  # opening it would hang
    assert why(tmp_path / "socket.wav") == "a socket, not a file"
    assert why(Path(os.devnull)) == "a device, not a file"
    assert why(tmp_path / "loop.wav") == "a loop of symbolic links"
    assert why(tmp_path / "absent.wav") == "no such file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "secret.wav", tone(), 44100)
    (tmp_path / "secret.wav").chmod(0)
    assert "permissions" in str(refused(tmp_path / "secret.wav", "not allowed").remedy)


def test_a_disk_that_fails_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soundfile.write(tmp_path / "tone.wav", tone(), 44100)

    def fail(error: OSError) -> None:
        def open_badly(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(Path, "open", open_badly)

    fail(PermissionError(13, "Permission denied"))
    refused(tmp_path / "tone.wav", "not allowed")
    fail(OSError(5, "Input/output error"))
    refused(tmp_path / "tone.wav", "Input/output error")


@pytest.mark.skipif(sys.platform == "darwin", reason="names are Unicode there")
def test_a_name_that_is_not_text(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav"))
    soundfile.write(tmp_path / "tone.wav", tone(), 44100)
    (tmp_path / "tone.wav").rename(path)
    assert_is_the_tone(read(path, RATE), 1.0)


def test_content_hash_is_of_the_bytes_alone(tmp_path: Path) -> None:
    data = np.random.default_rng(4).bytes(3 << 20)
    for name in ("a.wav", "b.mp3"):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "c.wav").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    a, b, c = (content_hash(tmp_path / name) for name in ("a.wav", "b.mp3", "c.wav"))
    assert a == b != c
    (tmp_path / "d").write_bytes(b"abc")  # known answer: b2sum -l 160
    assert content_hash(tmp_path / "d") == "384264f676f39536840523f284921cdc68b6846b"


@pytest.mark.skipif(sys.platform != "linux", reason="done with the GNU C library only")
def test_decoders_are_kept_off_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.mp3"
    soundfile.write(path, tone(seconds=3.0), 44100)
    frames = mpeg_frames(path.read_bytes())
    frames[50] = bytes(len(frames[50]))
    comment = b"COMM" + struct.pack(">IH", 4, 0) + b"\0eng"
    tag = b"ID3\x03\0\0\0\0\0" + bytes([len(comment)]) + comment
    path.write_bytes(tag + b"".join(frames))
    soundfile.read(path)
    assert "mpg123" in capfd.readouterr().err  # so there is something to silence
    read(path, RATE)
    probe(path)
    assert capfd.readouterr() == ("", "")
    soundfile.read(path)
    assert "mpg123" in capfd.readouterr().err  # and others are not silenced for ever


def test_twenty_minutes_cost_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 22050, 1) as sound:
        minute = tone(22050, seconds=60)
        for _ in range(20):
            sound.write(minute)
    program = """
import resource, sys
from retrieval.audio import Meter, blocks, windows
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
meter, before = Meter(16000), peak()
count = sum(1 for _ in windows(meter.through(blocks(sys.argv[1], 16000)), 16000, 10.0, 5.0))
print(count, meter.level.duration, peak() - before)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program, path], capture_output=True, text=True, check=True
    )
    count, duration, grown = ran.stdout.split()
    assert (int(count), float(duration)) == (239, 1200.0)
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(grown) * unit < 30e6


def test_blocks_are_decoded_only_when_asked_for(tmp_path: Path) -> None:
    samples = np.concatenate([tone(seconds=10.0), np.full((44100, 1), np.nan, "f4")])
    soundfile.write(tmp_path / "late.wav", samples, 44100, "FLOAT")
    stream = blocks(tmp_path / "late.wav", RATE)
    assert len(next(stream)) > 0
    stream.close()


def test_extensions_are_lower_case_suffixes() -> None:
    assert all(e == e.lower() and e.startswith(".") for e in EXTENSIONS)
    assert {".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".m4a", ".mp4"} <= EXTENSIONS


def test_containers_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.delitem(sys.modules, "retrieval.video", raising=False)
    (tmp_path / "voice.wav").write_bytes(b"\0\0\0\x1cftypM4A " + bytes(100))
    error = refused(tmp_path / "voice.wav", "optional package")
    assert isinstance(error, MissingExtra)
    assert error.remedy == "pip install 'affetto[video]'"
