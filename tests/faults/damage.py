"""Family ``damage``: files that are cut, changed, emptied, or hold other JSON values.

Whatever then opens holds what was made; all else is refused with a clear error, and what can be
made again by repeating a call is made again.
"""

import json
import math
import shutil
from functools import partial
from pathlib import Path

from children import value_of
from survey import contents, survey
from works import draw, finish

STORE = ("store.json", "index.csv", "skipped.csv", "images.npy")
RUN = ("run.json", "history.csv", "encoder", "decoder", "checkpoint")
MADE = ("z_points.json", "z_points.npy", "map.json", "map.npy")
PARTS = ("run", "history", "encoder", "decoder", "z-points", "store", "index", "map")
#: What a value of a JSON file is replaced by; as JSON takes it or, for numbers, as it is written.
VALUES = (None, True, -1, 0, 10**400, 1e308, math.nan, math.inf, "", "x", "../../x", [], [[]], {},
          {"a": {}}, [1, 2, 3])  # fmt: skip


def damage(base: Path, world) -> dict[str, list]:
    home = base / "home"
    value_of(partial(draw, home, "few"))
    value_of(partial(finish, home, "one", store="few"))
    found = {}
    for file in STORE + RUN + MADE:
        for kind in (cut, flip, overwrite, replace):
            found[f"{file}, {kind.__name__}"] = [partial(damaged, home, file, kind)] * 4
    for file in ("store.json", "run.json", "z_points.json", "map.json"):
        places = _places(json.loads(_path(home, file).read_text()))
        edit = partial(edited, home, file)
        found[f"{file}, other values"] = [partial(edit, "other", place) for place in places] * 2
        found[f"{file}, keys missing"] = [partial(edit, "missing", place) for place in places]
        found[f"{file}, keys too many"] = [partial(edit, "too many", ["unknown"])]
    for file in ("history.csv", "index.csv"):
        found[f"{file}, rows missing, doubled, swapped"] = [
            partial(rows, home, file, change) for change in ("missing", "doubled", "swapped") * 2
        ]
    return found


def _path(data: Path, file: str) -> Path:
    if file in STORE:
        return data / "stores/few" / file
    if file.startswith("map."):
        return next((data / "runs/one/maps").glob(f"*.{file[4:]}"))
    pattern = file if "." in file else f"{file}-*"
    return next((data / "runs/one").glob(pattern))


def _copy(home, folder, file):
    data = shutil.copytree(home, folder, dirs_exist_ok=True)
    return data, _path(data, file)


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
    others = (
        b"<html><body>404</body></html>", b"PK\x03\x04" + rng.randbytes(60), bytes(len(content)),
        b"\x93NUMPY\x01\x00" + rng.randbytes(80), b"\x80\x04N.", b"[" * 100_000, b"\xff\xfe\x00",
        b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (3,), }\n",
        rng.randbytes(len(content)), b"{}", b"null", b'"\\ud800"', b"a,b\n1,2\n", b"9" * 5000,
    )  # fmt: skip
    return rng.choice(others)


def damaged(home, file, kind, folder, rng) -> bool:
    data, path = _copy(home, folder, file)
    before = path.read_bytes()
    after = kind(before, rng)
    path.write_bytes(after)
    _check(home, data, file, () if file == "history.csv" else PARTS)
    return after != before


def _check(home, data, file, solid) -> None:
    """Check what opens, the `solid` parts for content, too; then make again what calls make."""
    truth = survey(home)
    for what, seen in survey(data).items():
        if seen[0] and what.split()[0] in solid:
            assert seen == truth[what], f"{what} is taken for whole, but holds what nobody made"
    if file in MADE:
        value_of(lambda: finish(data, "one", store="few"))
        again = survey(data) == truth and set(contents(data)) == set(contents(home))
        assert again, "repeating the call gives something else"


# JSON


def _places(value, above=()) -> list[list]:
    """Return the paths of keys to all values in a JSON object."""
    found = []
    for key, below in value.items() if isinstance(value, dict) else ():
        found += [[*above, key], *_places(below, (*above, key))]
    return found


def edited(home, file, how, place, folder, rng) -> bool:
    data, path = _copy(home, folder, file)
    before = path.read_text()
    content = inner = json.loads(before)
    *above, key = place
    for name in above:
        inner = inner[name]
    if how == "missing":
        del inner[key]
    else:
        inner[key] = rng.choice(VALUES)
    path.write_text(json.dumps(content))
    # a description that is whole may say of pictures and history what no file contradicts
    _check(home, data, file, ("encoder", "decoder", "z-points", "map"))
    return json.loads(before) != content


def rows(home, file, change, folder, rng) -> bool:
    """Drop, double or swap rows of a table."""
    data, path = _copy(home, folder, file)
    head, *lines = path.read_text().splitlines()
    place = rng.randrange(len(lines) - 1)
    one, two = lines[place : place + 2]
    others = {"missing": [two], "doubled": [one, one, two], "swapped": [two, one]}
    lines[place : place + 2] = others[change]
    path.write_text("\n".join([head, *lines]) + "\n")
    what = "history of run one" if file == "history.csv" else "store few"
    assert not survey(data)[what][0], f"{what} is taken for whole"
    return True
