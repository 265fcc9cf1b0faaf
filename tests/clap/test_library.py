"""A folder of sound taken in and searched in the space of CLAP."""

import numpy as np
import pytest
import soundfile

from retrieval import Library
from retrieval.encoders.clap.space import clap_space


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what librosa reads with
def test_a_library_holds_the_vectors_that_laion_clap_gives(
    exported, laion, windows, tmp_path, capfd
):
    files = []
    for number, window in enumerate(windows):
        files.append(tmp_path / "sounds" / f"{number}.wav")
        files[-1].parent.mkdir(exist_ok=True)
        soundfile.write(files[-1], window, 48_000, subtype="FLOAT")
    space = clap_space(exported)
    with Library(tmp_path / "library", create=True) as library:
        assert library.ingest(tmp_path / "sounds", space=space, jobs=2).ok == len(files)
        held = np.concatenate([vectors for _, vectors in library.catalog.vectors(space.source)])
        theirs = laion.module.get_audio_embedding_from_filelist([str(file) for file in files])
        for vector in theirs:  # files are stored in the order in which they were finished
            assert np.abs(held - vector).max(axis=1).min() < 1e-4
        assert len(library.search("rain", space=space).hits) > 0
    assert capfd.readouterr() == ("", "")


def test_ten_seconds_are_one_window_and_more_are_several(exported, tmp_path):
    rng = np.random.default_rng(0)
    soundfile.write(tmp_path / "long.wav", 0.1 * rng.standard_normal(12 * 48_000), 48_000)
    space = clap_space(exported)
    with Library(tmp_path / "library", create=True) as library:
        library.ingest(tmp_path / "long.wav", space=space)
        assert library.catalog.window_count(space.source) == 2  # 0 to 10 s, and 2 to 12 s
