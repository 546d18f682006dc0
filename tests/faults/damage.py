"""Family ``damage``: files that are cut, changed, emptied, or hold other JSON values.

Whatever then opens holds what was made; all else is refused with a clear error, and what can be
made again by repeating a call is made again.
"""

import functools
import json
import math
import shutil
from pathlib import Path

from children import attempt, value_of
from survey import contents, survey
from works import draw, finish

STORE = ("store.json", "index.csv", "skipped.csv", "images.npy")
RUN = ("run.json", "history.csv", "encoder", "decoder", "checkpoint")
MADE = ("z_points.json", "z_points.npy", "map.json", "map.npy")
PARTS = ("run", "history", "encoder", "decoder", "z-points", "store", "index", "map")
TIMES = 4  # of each file and kind of damage to bytes
#: What a value of a JSON file is replaced by; as JSON takes it or, for numbers, as it is written.
VALUES = (None, True, -1, 0, 10**400, 1e308, math.nan, math.inf, "", "x", "../../x", [], [[]], {},
          {"a": {}}, [1, 2, 3])  # fmt: skip


def kinds(base: Path, world) -> dict[str, list]:
    home = base / "home"
    value_of(functools.partial(_home, home))
    found, part = {}, functools.partial
    for file in STORE + RUN + MADE:
        for kind in (cut, flip, overwrite, replace):
            found[f"{file}, {kind.__name__}"] = [part(damaged, home, file, kind)] * TIMES
    for file in ("store.json", "run.json", "z_points.json", "map.json"):
        places = value_of(lambda f=file: _places(json.loads(_path(home, f).read_text())))
        found[f"{file}, other values"] = [part(other_value, home, file, p) for p in places] * 2
        found[f"{file}, keys missing"] = [part(without_key, home, file, p) for p in places]
        found[f"{file}, keys too many"] = [part(with_key, home, file)]
    found["history.csv, rows missing, doubled, swapped"] = [
        part(rows, home, "history.csv", i) for i in range(6)
    ]
    found["index.csv, rows missing, doubled, swapped"] = [
        part(rows, home, "index.csv", i) for i in range(6)
    ]
    return found


def _home(home):
    draw(home, "few")
    finish(home, "one", store="few")


def _path(data: Path, file: str) -> Path:
    if file in STORE:
        return data / "stores/few" / file
    if file.startswith("map."):
        return next((data / "runs/one/maps").glob(f"*.{file[4:]}"))
    pattern = file if "." in file else f"{file}-*"
    return next((data / "runs/one").glob(pattern))


# what is done to bytes; each returns others


def cut(content: bytes, rng) -> bytes:
    return content[: rng.randrange(len(content))] if rng.random() < 0.8 else b""


def flip(content: bytes, rng) -> bytes:
    changed = bytearray(content)
    # headers are where readers stumble
    place = rng.randrange(min(len(content), rng.choice([16, 128, len(content)])))
    changed[place] ^= 1 << rng.randrange(8)
    return bytes(changed)


def overwrite(content: bytes, rng) -> bytes:
    start = rng.randrange(len(content))
    length = rng.randrange(1, min(200, len(content) - start) + 1)
    return content[:start] + rng.randbytes(length) + content[start + length :]


def replace(content: bytes, rng) -> bytes:
    """Return what another program may have left."""
    others = [
        b"<html><body>404</body></html>", b"PK\x03\x04" + rng.randbytes(60), bytes(len(content)),
        b"\x93NUMPY\x01\x00" + rng.randbytes(80), b"\x80\x04N.", b"[" * 100_000, b"\xff\xfe\x00",
        b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (3,), }\n",
        rng.randbytes(len(content)), b"{}", b"null", b'"\\ud800"', b"a,b\n1,2\n",
        b"9" * 5000,
    ]  # fmt: skip
    return rng.choice(others)


def damaged(home, file, kind, folder, rng) -> bool:
    data = _copy(home, folder)
    path = _path(data, file)
    before = path.read_bytes()
    after = kind(before, rng)
    path.write_bytes(after)
    _check(home, data, file, () if file == "history.csv" else PARTS)
    return after != before


def _copy(home, folder):
    return shutil.copytree(home, folder, dirs_exist_ok=True)


def _check(home, data, file, solid) -> None:
    """Check what opens, the `solid` parts for content, too; then make again what calls make."""
    truth, seen = survey(home), survey(data)
    for what, (well, found) in seen.items():
        if well and what.split()[0] in solid and (well, found) != truth[what]:
            raise AssertionError(f"{what} is taken for whole, but holds what nobody made")
    if file in MADE:
        end = attempt(lambda: finish(data, "one", store="few"))
        if end.how != "well":
            raise AssertionError(f"repeating the call failed: {end.trace}")
        if survey(data) != truth or set(contents(data)) != set(contents(home)):
            raise AssertionError("repeating the call gives something else")


# JSON


def _places(value, above=()) -> list[list]:
    """Return the paths of keys to all values in a JSON object."""
    if not isinstance(value, dict):
        return []
    found = []
    for key, below in value.items():
        found += [[*above, key], *_places(below, (*above, key))]
    return found


def _edited(home, file, folder, edit) -> bool:
    data = _copy(home, folder)
    path = _path(data, file)
    before = path.read_text()
    content = json.loads(before)
    edit(content)
    path.write_text(json.dumps(content))
    # a description that is whole may say of pictures and history what no file contradicts
    _check(home, data, file, ("encoder", "decoder", "z-points", "map"))
    return json.loads(before) != content


def other_value(home, file, place, folder, rng) -> bool:
    return _edited(home, file, folder, lambda c: _set(c, place, rng.choice(VALUES)))


def without_key(home, file, place, folder, rng) -> bool:
    return _edited(home, file, folder, lambda c: _set(c, place))


def with_key(home, file, folder, rng) -> bool:
    return _edited(home, file, folder, lambda c: c.update(unknown={"a": [1]}))


def _set(content, place, *value):
    for key in place[:-1]:
        content = content[key]
    if value:
        content[place[-1]] = value[0]
    else:
        del content[place[-1]]


def rows(home, file, number, folder, rng) -> bool:
    """Drop, double or swap rows of a table."""
    data = _copy(home, folder)
    path = _path(data, file)
    head, *lines = path.read_text().splitlines()
    place = rng.randrange(len(lines) - 1)
    match number % 3:
        case 0:
            del lines[place]
        case 1:
            lines.insert(place, lines[place])
        case 2:
            lines[place], lines[place + 1] = lines[place + 1], lines[place]
    path.write_text("\n".join([head, *lines]) + "\n")
    what = "history of run one" if file == "history.csv" else "store few"
    if survey(data)[what][0]:
        raise AssertionError(f"{what} is taken for whole")
    return True
