"""Versions on disk: published whole, trusted only when intact, safe among other writers."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import indexes.store as module
from indexes.index import Index
from indexes.manifest import Manifest
from indexes.store import DamagedIndex, ForeignIndex, IndexFault, MissingIndex, Store

ROOT = Path(__file__).parents[2]
SPACE = "small+8.1_x-y"
DIM = 8


def index_of(count: int, seed: int = 1) -> Index:
    rng = np.random.default_rng(seed)
    return Index.build(rng.permutation(count) * 7, rng.normal(size=(count, DIM)))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "indexes")


@pytest.fixture
def version(store: Store) -> Path:
    """The folder of the current version, published a moment ago."""
    store.publish(SPACE, index_of(30), fingerprint="one", generation=4)
    return store.root / SPACE / "v0001"


def test_what_is_published_is_what_is_opened(store: Store) -> None:
    index = index_of(50)
    manifest = store.publish(SPACE, index, fingerprint="one", generation=4)
    opened, read = store.open(SPACE, fingerprint="one")
    assert read == manifest
    assert (read.dim, read.count, read.kind, read.generation) == (DIM, 50, "flat", 4)
    np.testing.assert_array_equal(opened.ids(), index.ids())
    np.testing.assert_array_equal(opened.vectors(index.ids()), index.vectors(index.ids()))
    for one, other in zip(opened.moments(), index.moments(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert store.verify(SPACE) == []
    assert store.spaces() == [SPACE]
    folder = store.root / SPACE
    assert {one.name for one in folder.iterdir()} == {"CURRENT", ".lock", "v0001"}


@pytest.mark.parametrize("index", [Index.empty(DIM), index_of(5)])
def test_any_index_survives_the_disk(store: Store, index: Index) -> None:
    store.publish(SPACE, index, fingerprint="one", generation=0)
    opened, _ = store.open(SPACE)
    query = np.ones((1, DIM))
    np.testing.assert_array_equal(opened.search(query, 9)[0], index.search(query, 9)[0])


def test_an_ivf_index_can_be_changed_after_opening(store: Store) -> None:
    rng = np.random.default_rng(2)
    index = Index.build(np.arange(400), rng.normal(size=(400, DIM)), kind="ivf")
    store.publish(SPACE, index, fingerprint="one", generation=0)
    opened, manifest = store.open(SPACE)
    assert manifest.kind == opened.kind == "ivf"
    assert opened.remove(np.arange(100)) == 100
    assert opened.search(np.ones((1, DIM)), 1000)[0].shape == (1, 300)


def test_moments_are_read_and_not_worked_out_again(
    store: Store, version: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = index_of(30).moments()
    opened, _ = store.open(SPACE)
    monkeypatch.setattr(Index, "_measure", lambda _: pytest.fail("worked out again"))
    np.testing.assert_array_equal(opened.moments()[1], wanted[1])
    assert np.load(version / "moments.npz")["covariance"].dtype == np.float32


def test_every_version_has_the_next_number_and_the_last_is_current(store: Store) -> None:
    for generation in range(3):
        store.publish(SPACE, index_of(3 + generation), fingerprint="one", generation=generation)
    assert store.versions(SPACE) == ["v0001", "v0002", "v0003"]
    assert store.open(SPACE)[1].generation == 2


def test_numbers_go_on_past_four_digits(store: Store, version: Path) -> None:
    version.rename(version.with_name("v9999"))
    store.publish(SPACE, index_of(3), fingerprint="one", generation=9)
    assert store.versions(SPACE) == ["v9999", "v10000"]
    assert store.open(SPACE)[1].generation == 9


def test_a_name_that_is_taken_is_passed_over(store: Store, version: Path) -> None:
    version.with_name("v0002").write_text("somebody else's")
    store.publish(SPACE, index_of(3), fingerprint="one", generation=9)
    assert store.versions(SPACE) == ["v0001", "v0003"]
    assert store.open(SPACE)[1].generation == 9


def test_a_name_taken_in_the_last_moment_is_passed_over(
    store: Store, version: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = os.rename

    def slow(source: Path, target: Path) -> None:
        if target.name == "v0002":
            shutil.copytree(version, target)
        rename(source, target)

    monkeypatch.setattr("indexes.store.os.rename", slow)
    store.publish(SPACE, index_of(3), fingerprint="one", generation=9)
    assert store.versions(SPACE) == ["v0001", "v0002", "v0003"]
    assert store.open(SPACE)[1].generation == 9


def test_nothing_published_is_missing(store: Store, tmp_path: Path) -> None:
    assert store.spaces() == store.versions(SPACE) == store.prune(SPACE) == []
    with pytest.raises(MissingIndex) as caught:
        store.open(SPACE)
    assert caught.value.path == store.root / SPACE
    assert "no index was published" in caught.value.reason
    assert len(store.verify(SPACE)) == 1
    assert not list(tmp_path.iterdir())  # asking writes nothing


def test_another_fingerprint_is_foreign(store: Store, version: Path) -> None:
    with pytest.raises(ForeignIndex, match="made in space one, asked in two") as caught:
        store.open(SPACE, fingerprint="two")
    assert caught.value.path == version


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [flip, cut, empty, replace_by_folder, Path.unlink])
@pytest.mark.parametrize("name", ["index.faiss", "moments.npz", "manifest.json"])
def test_a_damaged_file_is_named(
    store: Store, version: Path, name: str, harm: Callable[[Path], None]
) -> None:
    harm(version / name)
    with pytest.raises(DamagedIndex) as caught:
        store.open(SPACE)
    assert caught.value.path == version / name
    assert str(caught.value) == f"{version / name}: {caught.value.reason}"
    assert store.verify(SPACE) == [str(caught.value)]
    store.publish(SPACE, index_of(2), fingerprint="one", generation=5)
    assert store.verify(SPACE) == []


@pytest.mark.parametrize("content", ["v0007\n", "v0007", "", "../..\n", "v1", "v0001\nv0001", "é"])
def test_current_that_points_nowhere_is_damaged(store: Store, version: Path, content: str) -> None:
    version.with_name("CURRENT").write_text(content, encoding="utf-8")
    with pytest.raises(DamagedIndex):
        store.open(SPACE)


def test_current_as_a_folder_is_damaged_and_missing_is_missing(store: Store, version: Path) -> None:
    current = version.with_name("CURRENT")
    current.unlink()
    with pytest.raises(MissingIndex):
        store.open(SPACE)
    current.mkdir()
    with pytest.raises(DamagedIndex):
        store.open(SPACE)


@pytest.mark.parametrize(("fact", "value"), [("count", 31), ("dim", 9), ("kind", "ivf")])
def test_an_index_its_manifest_does_not_describe_is_damaged(
    store: Store, version: Path, fact: str, value: int | str
) -> None:
    path = version / "manifest.json"
    facts = {**json.loads(path.read_text()), fact: value}
    del facts["seal"]
    path.write_text(Manifest(**facts).to_json())
    with pytest.raises(DamagedIndex, match=f"its {fact} is .*, its manifest says {value}"):
        store.open(SPACE)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a b", "naïve", "a\n", "a\0"])
def test_names_that_are_no_folder_names_are_refused(store: Store, name: str) -> None:
    for call in (
        lambda: store.publish(name, index_of(2), fingerprint="one", generation=0),
        lambda: store.open(name),
        lambda: store.prune(name),
        lambda: store.versions(name),
    ):
        with pytest.raises(ValueError, match="cannot be named"):
            call()


def test_prune_keeps_the_newest_and_the_current(store: Store) -> None:
    for generation in range(5):
        store.publish(SPACE, index_of(3), fingerprint="one", generation=generation)
    (store.root / SPACE / "CURRENT").write_text("v0002\n")
    assert store.prune(SPACE) == ["v0001", "v0003"]
    assert store.versions(SPACE) == ["v0002", "v0004", "v0005"]
    assert store.prune(SPACE, keep=0) == ["v0004", "v0005"]
    assert store.open(SPACE)[1].generation == 1
    with pytest.raises(ValueError, match="negative"):
        store.prune(SPACE, keep=-1)


def test_a_reader_keeps_its_version_when_it_is_pruned(store: Store, version: Path) -> None:
    opened, _ = store.open(SPACE)
    before = opened.search(np.ones((1, DIM)), 30)
    store.publish(SPACE, index_of(9, seed=2), fingerprint="one", generation=5)
    store.prune(SPACE, keep=1)
    assert not version.exists()
    for one, other in zip(opened.search(np.ones((1, DIM)), 30), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_version_pruned_under_a_reader_gives_way_to_the_next(
    store: Store, version: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = module._read

    def late(path: Path) -> bytes:
        monkeypatch.setattr(module, "_read", read)
        store.publish(SPACE, index_of(9), fingerprint="one", generation=5)
        store.prune(SPACE, keep=1)
        return read(path)

    monkeypatch.setattr(module, "_read", late)
    assert store.open(SPACE)[1].generation == 5
    assert not version.exists()


def run(code: str, store: Store) -> "subprocess.Popen[bytes]":
    """A new interpreter; FAISS does not outlive a fork."""
    script = f"from pathlib import Path\nstore_root = Path({str(store.root)!r})\n"
    script += textwrap.dedent(code)
    return subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)


PUBLISH = """
    import os
    import numpy as np
    from indexes import store as module
    from indexes.index import Index
    store = module.Store(store_root)
    index = Index.build(np.arange(40), np.eye(40, 8))
"""


@pytest.mark.parametrize("call", ["fsync", "rename", "replace"])
def test_a_publish_killed_on_its_way_harms_nobody(store: Store, version: Path, call: str) -> None:
    # The process dies at the first fsync, before the version has its name, or before CURRENT.
    dies = f"""
    module.os.{call} = lambda *_: os._exit(9)
    store.publish("{SPACE}", index, fingerprint="one", generation=5)
"""
    assert run(PUBLISH + dies, store).wait(60) == 9
    folder = version.parent
    assert list(folder.glob(".new-*"))
    assert store.open(SPACE)[1].generation == 4
    store.publish(SPACE, index_of(6), fingerprint="one", generation=6)
    store.prune(SPACE)
    assert not list(folder.glob(".new-*"))
    assert store.open(SPACE)[1].generation == 6


def test_leftovers_are_pruned_and_other_files_are_not(store: Store, version: Path) -> None:
    folder = version.parent
    (folder / ".new-1").mkdir()
    (folder / ".new-1" / "index.faiss").write_bytes(b"half")
    (folder / ".old-2").mkdir()
    (folder / ".new-3").write_bytes(b"v0009\n")
    (folder / "notes.txt").write_text("mine")
    assert store.versions(SPACE) == ["v0001"]
    assert store.prune(SPACE) == []
    assert {one.name for one in folder.iterdir()} == {"CURRENT", ".lock", "v0001", "notes.txt"}


def test_a_failed_publish_leaves_nothing(
    store: Store, version: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("indexes.store.os.fsync", full)
        with pytest.raises(OSError, match="No space left"):
            store.publish(SPACE, index_of(6), fingerprint="one", generation=6)
    assert not list(version.parent.glob(".new-*"))
    assert store.open(SPACE)[1].generation == 4


def test_threads_may_publish_and_prune_and_read_at_once(store: Store, version: Path) -> None:
    def write(generation: int) -> None:
        store.publish(SPACE, index_of(6), fingerprint="one", generation=generation)
        store.prune(SPACE)

    def read(_: int) -> int:
        return store.open(SPACE)[1].generation

    with ThreadPoolExecutor(8) as pool:
        writes = [pool.submit(write, generation) for generation in range(10, 34)]
        reads = [pool.submit(read, turn) for turn in range(60)]
        assert all(one.result() in {4, *range(10, 34)} for one in reads)
        for one in writes:
            one.result()
    assert store.versions(SPACE) == ["v0024", "v0025"]
    assert not list(version.parent.glob(".[no]*-*"))
    assert (version.parent / "CURRENT").read_text() == "v0025\n"


def test_processes_may_publish_at_once(store: Store) -> None:
    many = f"""
    for generation in range(10):
        store.publish("{SPACE}", index, fingerprint="one", generation=generation)
"""
    others = [run(PUBLISH + many, store) for _ in range(2)]
    for generation in range(100, 110):
        store.publish(SPACE, index_of(6), fingerprint="one", generation=generation)
    assert [one.wait(60) for one in others] == [0, 0]
    assert len(store.versions(SPACE)) == 30
    assert store.verify(SPACE) == []


def test_faults_are_one_family() -> None:
    for fault in (MissingIndex, DamagedIndex, ForeignIndex):
        assert issubclass(fault, IndexFault)
