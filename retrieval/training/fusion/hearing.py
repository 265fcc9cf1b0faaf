"""Files to the frames of two streams, window by window, as the finished space hears them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from retrieval.audio import Meter, blocks
from retrieval.encoders.fused.space import HOP, WINDOW
from retrieval.encoders.fused.streams import Streams
from retrieval.errors import AudioError
from retrieval.training.fusion.batches import Pair
from retrieval.windows import windows

TOLD_EVERY = 500  # clips


def hear(
    paths: Sequence[Path], streams: Streams, log: Callable[[str], None]
) -> list[list[Pair] | None]:
    """The windows of each file, on all cores; None for a file that cannot be used."""

    def one(path: Path) -> list[Pair] | None:
        meter = Meter(streams.rate)
        samples = meter.through(blocks(path, streams.rate))
        try:
            cut = windows(samples, streams.rate, WINDOW, HOP)
            found = [streams.hear(window.samples) for window in cut]
            meter.check(path)
        except AudioError:
            return None
        return found

    heard: list[list[Pair] | None] = []
    with ThreadPoolExecutor() as pool:
        for windows_ in pool.map(one, paths):
            heard.append(windows_)
            if len(heard) % TOLD_EVERY == 0:
                log(f"clips heard: {len(heard)}/{len(paths)}")
    return heard
