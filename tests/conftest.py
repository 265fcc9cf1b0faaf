"""What tests of several rooms share: a tiny space that really hears and reads, and sounds."""

import hashlib
import importlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import pytest
import soundfile

from retrieval.encoders.registry import forget_spaces
from retrieval.recognition.judgement import EMOTIONS, Judgement, Recognised
from retrieval.recognition.senses import Senses
from retrieval.space import Heads, Space, Vectors


class BandEncoder:
    """Log energies of eight frequency bands of a window; remembers how much it encoded."""

    name = "bands"
    rate = 8000
    dim = 8
    fingerprint = "bands-1"

    def __init__(self) -> None:
        self.calls: list[int] = []  # windows of each call; appending is safe between threads

    @property
    def encoded(self) -> int:
        return sum(self.calls)

    def encode(self, windows: Sequence[Vectors]) -> Vectors:
        self.calls.append(len(windows))
        return np.stack([self._bands(window) for window in windows])

    def _bands(self, window: Vectors) -> Vectors:
        power = np.abs(np.fft.rfft(window, n=4096)) ** 2
        bands = np.array_split(power, self.dim)
        return np.log10([1e-9 + band.sum() for band in bands]).astype(np.float32)


class WordEncoder:
    """A vector for each text, drawn from the text itself."""

    name = "words"
    dim = 8
    fingerprint = "words-1"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._draw(text) for text in texts])

    def _draw(self, text: str) -> Vectors:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        return np.random.default_rng(seed).standard_normal(self.dim).astype(np.float32)


def tiny_space(window: float = 1.0, hop: float = 0.5) -> Space:
    """A space of two tiny encoders without trained heads."""
    return Space(
        name="tiny",
        description="band energies",
        licence="Apache-2.0",
        window=window,
        hop=hop,
        audio=BandEncoder(),
        text=WordEncoder(),
        heads=Heads(),
    )


class WriteTone(Protocol):
    def __call__(
        self, path: Path, hz: float = 440.0, seconds: float = 1.5, rate: int = 8000
    ) -> Path: ...


@pytest.fixture
def make_space() -> Callable[..., Space]:
    """Makes tiny spaces; window and hop, in seconds, may be chosen."""
    return tiny_space


@pytest.fixture
def space() -> Space:
    return tiny_space()


@pytest.fixture
def write_tone() -> WriteTone:
    """Write a sine as a sound file; the suffix says the format."""

    def write(path: Path, hz: float = 440.0, seconds: float = 1.5, rate: int = 8000) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        times = np.arange(int(seconds * rate)) / rate
        soundfile.write(path, 0.3 * np.sin(2 * np.pi * hz * times), rate)
        return path

    return write


class ToneJudge:
    """Low tones are sad, high ones happy; so are words that say so. Remembers what it did."""

    fingerprint = "tones-1"

    def __init__(self) -> None:
        self.heard: list[float] = []  # hertz
        self.texts: list[str] = []

    def hear(self, frames: Mapping[str, Vectors]) -> Vectors:
        hertz = float(frames["speech"][0, 0])
        self.heard.append(round(hertz, -1))
        return np.array([1.0 if hertz > 500 else -1.0], dtype=np.float32)

    def read(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        signs = [("happy" in text) - float("sad" in text) for text in texts]
        return np.array(signs, dtype=np.float32)[:, None]

    def judge(self, voice: Vectors | None, words: Vectors | None) -> Recognised:
        by_voice = None if voice is None else _felt(float(voice[0]))
        by_words = None if words is None else _felt(float(words[0]))
        fusion = "late" if by_voice and by_words else "voice" if by_voice else "words"
        both = by_words if fusion == "words" else by_voice  # the voice wins
        assert both is not None
        return Recognised(by_voice, by_words, both, fusion)


def _felt(sign: float) -> Judgement:
    """Sad below 0, happy above, neutral at 0."""
    emotion = EMOTIONS.index("happy" if sign > 0 else "sad" if sign < 0 else "neutral")
    chances = np.full(len(EMOTIONS), 0.02, dtype=np.float32)
    chances[emotion] = 1 - 0.02 * (len(EMOTIONS) - 1)
    return Judgement(chances, 0.6 * sign, 0.1)


def _hertz(samples: Vectors) -> dict[str, Vectors]:
    """The loudest frequency of every 80 ms of some samples at 16 kHz, as frames of a stream."""
    size = min(len(samples), 1280)
    pieces = samples[: len(samples) // size * size].reshape(-1, size)  # (t, size)
    loudest = np.abs(np.fft.rfft(pieces)).argmax(axis=1) * 16_000 / size  # (t,)
    return {"speech": loudest[:, None].astype(np.float32)}


@pytest.fixture
def senses(monkeypatch: pytest.MonkeyPatch) -> Senses:
    """What everything recognises with in a test: tones. Words in capitals cannot be read."""
    made = Senses(ToneJudge(), _hertz, lambda text: not text.isupper())
    for module in ("retrieval.library", "retrieval.recognition.senses"):
        monkeypatch.setattr(f"{module}.builtin_senses", lambda: made)
    return made


class Install(Protocol):
    def __call__(self, module: str, code: str, **spaces: str) -> Path: ...


@pytest.fixture
def install(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Install]:
    """Install a module with spaces, name=attribute, as pip would; gives the folder it lies in."""
    site = tmp_path_factory.mktemp("site")
    monkeypatch.syspath_prepend(str(site))
    modules = []

    def write(module: str, code: str, **spaces: str) -> Path:
        modules.append(module)
        (site / f"{module}.py").write_text(code, encoding="utf-8")
        facts = site / f"{module}-1.0.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        points = "".join(f"{name} = {module}:{value}\n" for name, value in spaces.items())
        (facts / "entry_points.txt").write_text(f"[affetto.spaces]\n{points}")
        importlib.invalidate_caches()
        forget_spaces()
        return site

    yield write
    forget_spaces()
    for module in modules:
        sys.modules.pop(module, None)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Children hear Ctrl-C even when the tests run in the background, where it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs a command in this process, as a person types it."""
    import cli

    def command(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["affetto", *map(str, words)])
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        return Ran(code, *capsys.readouterr())

    return command


@pytest.fixture(autouse=True)
def no_models(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever models this machine has, tests do not see them."""
    monkeypatch.setenv("AFFETTO_MODELS", str(tmp_path_factory.getbasetemp() / "no models"))


@dataclass
class Hub:
    """A model hub on this machine. Large files are redirected to a storage, as on the real one.

    Attributes:
        files: content by path, as "owner/name/resolve/revision/file".
        refused: an error code by path, instead of the content.
        broken: paths of which only half is sent; the number says how many times.
        recorded: the sha256 that the redirect of a path states.
        asked: the path, the User-Agent and the Range of every request.
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)
    recorded: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str | None, str | None]] = field(default_factory=list)

    def add(self, repository: str, revision: str, **files: bytes) -> None:
        """Publish files; two underscores in a name stand for a dot."""
        for name, content in files.items():
            path = f"{repository}/resolve/{revision}/{name.replace('__', '.')}"
            self.files[path] = content


class HubHandler(BaseHTTPRequestHandler):
    hub: Hub

    def do_GET(self) -> None:
        path = self.path.lstrip("/").removeprefix("storage/")
        span = self.headers.get("Range")
        self.hub.asked.append((self.path.lstrip("/"), self.headers.get("User-Agent"), span))
        if path in self.hub.refused or path not in self.hub.files:
            self.send_error(self.hub.refused.get(path, 404))
        elif path in self.hub.recorded and not self.path.startswith("/storage/"):
            self.send_response(302)
            self.send_header("X-Linked-Etag", f'"{self.hub.recorded[path]}"')
            self.send_header("Location", f"/storage/{path}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._send(path, span)

    def _send(self, path: str, span: str | None) -> None:
        begin = int(span.removeprefix("bytes=").rstrip("-")) if span else 0
        content = self.hub.files[path][begin:]
        self.send_response(206 if span else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.hub.broken.get(path, 0) > 0:
            self.hub.broken[path] -= 1
            content = content[: len(content) // 2]
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that `affetto models pull` asks instead of Hugging Face."""
    made = Hub()
    handler = type("Handler", (HubHandler,), {"hub": made})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        made.address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("HF_ENDPOINT", made.address)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield made
        server.shutdown()
        thread.join()
