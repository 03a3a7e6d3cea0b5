"""An artefact comes back as it went in, or not at all."""

import io
import json
import os
import pickle
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from overdeliver.learn.artefact import load, save
from overdeliver.learn.artefact_parts import Limits, digest
from overdeliver.vocabulary.errors import InputError, LimitExceeded

STATE = {
    "edges": np.array([1.0, np.nan, np.inf]),
    "trees": [{"left": np.array([1, -1], dtype=np.int32), "depth": 3}, {"left": np.zeros((0, 2))}],
    "names": np.array(["Алматы", "Porto"]),
    "made": np.array(["2024-01-01"], dtype="datetime64[s]"),
    "level": 0.9,
    "note": None,
}


def _saved(path: Path, state: Any = STATE) -> Path:
    save(path, state, kind="promise", schema={"city": "category"}, metrics={"kept": 0.91})
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return _saved(tmp_path / "model.od")


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return bool(
            isinstance(b, np.ndarray)
            and a.dtype == b.dtype
            and a.shape == b.shape
            and a.tobytes() == b.tobytes()
        )
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(_same, a, b))
    return type(a) is type(b) and (a == b or (a != a and b != b))


arrays = hnp.arrays(
    st.one_of(
        hnp.floating_dtypes(endianness="="),
        hnp.integer_dtypes(),
        hnp.boolean_dtypes(),
        hnp.unicode_string_dtypes(max_len=5),
        hnp.datetime64_dtypes(),
    ),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
keys = st.text(max_size=8).filter(lambda name: name != "__array__")
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | arrays,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(keys, values, max_size=5))
def test_save_and_load_is_the_identity(state: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert _same(dict(load(_saved(Path(folder) / "m.od", state)).state), state)


def test_what_comes_with_it(file: Path) -> None:
    found = load(file)
    assert (found.kind, found.schema, found.metrics) == (
        "promise",
        {"city": "category"},
        {"kept": 0.91},
    )
    assert found.created.tzinfo is not None and found.program.startswith("overdeliver")
    assert len(found.hash) == 64


def test_the_hash_speaks_of_the_contents(tmp_path: Path) -> None:
    same = [load(_saved(tmp_path / name)).hash for name in ("a", "b")]
    other = load(_saved(tmp_path / "c", {**STATE, "level": 0.8})).hash
    assert same[0] == same[1] != other


def test_nothing_is_left_beside_it_and_the_old_one_survives_a_failure(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left"):
        _saved(file, {"level": 0.1})
    assert file.read_bytes() == before and os.listdir(file.parent) == [file.name]


def test_saving_over_and_into_nowhere(file: Path) -> None:
    _saved(file, {"level": 0.1})
    assert load(file).state == {"level": 0.1} and os.listdir(file.parent) == [file.name]
    with pytest.raises(InputError, match="cannot be written"):
        _saved(file.parent / "absent" / "m.od")


@pytest.mark.parametrize(
    "bad",
    [
        {"x": object()},
        {"x": np.array([object()])},
        {"x": np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")])},
        {"x": (1, 2)},
        {"x": {1: 2}},
        {"x": {"__array__": 0}},
        {"x": "\ud800"},
        {"x": b"bytes"},
        {"x": np.float64(1.0)},
        {"x": lambda: 0},
    ],
)
def test_only_plain_values_are_kept(tmp_path: Path, bad: Any) -> None:
    with pytest.raises(InputError, match="artefact: "):
        _saved(tmp_path / "m.od", bad)
    assert os.listdir(tmp_path) == []


def test_endless_nesting_is_refused(tmp_path: Path) -> None:
    state: dict[str, Any] = {}
    state["self"] = state
    with pytest.raises(InputError, match="nested deeper"):
        _saved(tmp_path / "m.od", state)


# -------------------------------------------------------------------------------- hostile files


def _members(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _rewrite(file: Path, members: dict[str, bytes], vouch: bool = True) -> None:
    """Write members; ``vouch`` makes the manifest agree with them, as an attacker would."""
    if vouch:
        manifest = json.loads(members["manifest.json"])
        manifest["members"] = {n: digest(c) for n, c in members.items() if n != "manifest.json"}
        members = {**members, "manifest.json": json.dumps(manifest).encode()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _refused(file: Path, match: str, **options: Any) -> None:
    with pytest.raises(InputError, match=match) as caught:
        load(file, **options)
    assert "\n" not in str(caught.value) and str(caught.value).startswith(str(file))


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    _refused(tmp_path / "absent.od", "no such file")
    _refused(tmp_path, "cannot be read")


@settings(max_examples=80, deadline=None)
@given(place=st.integers(0, 9999), bit=st.integers(0, 7))
def test_any_changed_byte_is_noticed_or_harmless(place: int, bit: int) -> None:
    """A flipped bit in the archive's own bookkeeping may not matter; the contents never change."""
    with tempfile.TemporaryDirectory() as folder:
        file = _saved(Path(folder) / "m.od")
        original, content = load(file), bytearray(file.read_bytes())
        content[place * len(content) // 10_000] ^= 1 << bit
        file.write_bytes(content)
        try:
            found = load(file)
        except InputError as error:
            assert "\n" not in str(error)
        else:
            assert _same(dict(found.state), dict(original.state)) and found.hash == original.hash


def test_every_truncation_is_refused(file: Path) -> None:
    content = file.read_bytes()
    for length in range(0, len(content), 37):
        file.write_bytes(content[:length])
        _refused(file, "no artefact|damaged")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda m: {**m, "format": 2}, "has format 2"),
        (lambda m: {**m, "format": "x" * 999}, "has format"),
        (lambda m: [], "says nothing"),
        (lambda m: {"format": 1}, "damaged"),
        (lambda m: {**m, "kind": 7}, "damaged"),
        (lambda m: {**m, "members": []}, "damaged"),
        (lambda m: {**m, "created": "yesterday"}, "moment"),
        (lambda m: {**m, "created": "2024-01-01T00:00:00"}, "moment"),
        (lambda m: {**m, "more": 1}, "damaged"),
    ],
)
def test_manifests_that_are_not_ours(file: Path, change: Callable[[Any], Any], match: str) -> None:
    members = _members(file)
    changed = change(json.loads(members["manifest.json"]))
    members["manifest.json"] = json.dumps(changed).encode()
    _rewrite(file, members, vouch=False)
    _refused(file, match)


def test_changed_members(file: Path) -> None:
    members = _members(file)
    _rewrite(file, {**members, "state.json": b'{"level": 0.5}'}, vouch=False)
    _refused(file, r"changed or damaged \(state.json\)")
    for content in (b"[1]", b"{", b"\xff", b'{"x": {"__array__": 99}}', b"[" * 100_000):
        _rewrite(file, {**members, "state.json": content})
        _refused(file, "changed or damaged")
    _rewrite(file, {name: content for name, content in members.items() if name != "state.json"})
    _refused(file, "changed or damaged")


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "arrays/../x.npy", "run.py", "a\\b"])
def test_paths_that_lead_elsewhere(file: Path, name: str) -> None:
    _rewrite(file, {**_members(file), name: b"x"})
    _refused(file, "not ours")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name(file: Path) -> None:
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("state.json", b"{}")
    _refused(file, "not ours")


class _Bomb:
    def __reduce__(self) -> Any:
        return os.mkdir, ("owned",)


def test_pickles_are_not_opened(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    buffer = io.BytesIO()
    np.save(buffer, np.array([_Bomb()], dtype=object), allow_pickle=True)
    for payload in (buffer.getvalue(), pickle.dumps(_Bomb())):
        _rewrite(file, {**_members(file), "arrays/0.npy": payload})
        _refused(file, r"damaged \(arrays/0.npy\)")
    assert not (tmp_path / "owned").exists()


def test_arrays_that_promise_more_than_they_hold(file: Path) -> None:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
    )
    _rewrite(file, {**_members(file), "arrays/0.npy": buffer.getvalue()})
    _refused(file, "damaged")


def test_bombs(file: Path, tmp_path: Path) -> None:
    zeros = _saved(tmp_path / "zeros.od", {"x": np.zeros(1_000_000)})
    with pytest.raises(LimitExceeded, match="bytes unpacked"):
        load(zeros, limits=Limits(unpacked=1_000_000))
    with pytest.raises(LimitExceeded, match="members"):
        load(file, limits=Limits(members=2))
    with pytest.raises(LimitExceeded, match="for a text"):
        load(file, limits=Limits(text=10))


def test_a_member_that_goes_on_beyond_its_listing(file: Path) -> None:
    """The directory says 10 bytes, the stream holds more."""
    _rewrite(file, {**_members(file), "state.json": b" " * 5000 + b"{}"})
    content = file.read_bytes()
    size = (5002).to_bytes(4, "little")
    file.write_bytes(content.replace(size, (10).to_bytes(4, "little")))
    _refused(file, "damaged")


def test_an_encrypted_or_unknown_packing_is_refused(file: Path) -> None:
    content = bytearray(file.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1  # says it is encrypted
    file.write_bytes(content)
    _refused(file, "damaged")
