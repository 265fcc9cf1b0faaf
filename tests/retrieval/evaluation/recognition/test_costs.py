"""What steps cost, told by steps that take as long as they are told to."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from retrieval.emotions import lookup
from retrieval.errors import MissingExtra
from retrieval.evaluation.clips import Clip
from retrieval.evaluation.recognition import costs
from retrieval.evaluation.recognition.steps import STEPS, Step, Take, steps_with, take


def clip(path: Path, kind: str = "speech", transcript: str = "it is late", **facts: str) -> Clip:
    return Clip(path, "toy", "s", lookup("sad"), kind=kind, transcript=transcript, **facts)


def sound(folder: Path, seconds: float) -> Path:
    path = folder / f"{seconds}.wav"
    soundfile.write(path, np.sin(np.arange(int(seconds * 8000)) / 9) / 2, 8000)
    return path


def work(seconds: float) -> None:
    """Keep the processor busy: waiting costs nothing."""
    began = time.process_time()
    while time.process_time() - began < seconds:
        pass


def test_clips_with_words_are_taken_evenly(tmp_path: Path) -> None:
    clips = [clip(tmp_path / str(number)) for number in range(10)]
    others = [
        clip(tmp_path / "rain", kind="environment"),
        clip(tmp_path / "mute", transcript=""),
        clip(tmp_path / "foreign", language="pl"),
    ]
    taken = costs.chosen([*others, *clips], 4)
    assert [one.path.name for one in taken] == ["0", "3", "6", "9"]
    assert len(costs.chosen(clips)) == 10  # each once, where there are few
    assert costs.chosen(others) == []


def test_only_the_step_itself_is_timed_and_once_it_is_warm(tmp_path: Path) -> None:
    given: list[Take] = []

    def make() -> Step:
        first = [True]

        def prepare(take: Take) -> Take:
            given.append(take)
            work(0.03)
            return take

        def run(_: Take) -> None:
            work(0.06 if first.pop() else 0.01)
            first.append(False)

        return Step(prepare, run)

    path = sound(tmp_path, 12.0)
    (table,) = costs.tables([clip(path)] * 3, steps={"wait": make}, cold=lambda *_: 0.5)
    ((name, clips, seconds, warm, cold),) = table.rows
    assert (name, clips, seconds, cold) == ("wait", 3, 10.0, 500.0)
    assert isinstance(warm, float) and 10 <= warm < 25
    assert given[0].samples.shape == (160_000,) and given[0].text == "it is late"


def test_a_step_whose_extra_is_absent_is_left_out_with_a_note(tmp_path: Path) -> None:
    def absent() -> Step:
        raise MissingExtra("speech recognition is not installed", remedy="pip install it")

    steps: dict[str, Callable[[], Step]] = {"asr": absent, "none": lambda: Step(id, id)}
    notes: list[str] = []
    (table,) = costs.tables([clip(sound(tmp_path, 1.0))], None, notes.append, steps, lambda *_: 0.5)
    assert [row[0] for row in table.rows] == ["none"]
    assert notes == ["asr: not timed, speech recognition is not installed (pip install it)"]


def test_without_words_there_is_nothing_to_time(tmp_path: Path) -> None:
    assert costs.tables([clip(tmp_path / "x.wav", transcript="")]) == []


def test_a_new_process_goes_through_one_step(tmp_path: Path) -> None:
    """The words step, which needs no other model than that of the recogniser."""
    number = next(at for at, name in enumerate(STEPS) if name.startswith("words:"))
    assert 0.05 < costs._cold(number, clip(sound(tmp_path, 1.0)), None) < 60


@pytest.mark.parametrize(
    "name", ["a voice: hear and judge it", "both: join what was heard and read"]
)
def test_steps_of_the_recogniser_run(name: str, tmp_path: Path) -> None:
    step = STEPS[name]()
    assert step.run(step.prepare(take(sound(tmp_path, 2.0), "it is late")))


def test_a_space_is_timed_window_by_window(tmp_path: Path) -> None:
    steps = steps_with("affetto")
    assert list(steps) == [*STEPS, "vectors of affetto"] and steps_with(None) is STEPS
    step = steps["vectors of affetto"]()
    vectors = step.run(step.prepare(take(sound(tmp_path, 9.0), "")))
    assert isinstance(vectors, np.ndarray) and len(vectors) == 4
