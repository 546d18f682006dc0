"""The table: measured rows as Markdown."""

import math

HEAD = ("row", "what is compared", "size", "ours", "reference", "ratio", "budget", "met")


def markdown(results: dict) -> str:
    full = results["scale"] == 1
    parts = [lines_table(results["rows"], full), notes(results["rows"])]
    parts += [growth_table(results["rows"], what) for what in ("seconds", "megabytes")]
    if not full:
        quick = f"A quick look: sizes times {results['scale']:g}. These times say nothing, and no "
        parts.insert(0, f"{quick}budget is judged.")
    parts.append("\n".join(f"- {name}: {text}" for name, text in results["machine"].items()))
    return "\n\n".join(filter(None, parts)) + "\n"


def lines_table(rows: dict, full: bool) -> str:
    """Return the table of comparisons, a failed row as one line of its own."""
    body = []
    for name, row in rows.items():
        if "error" in row:
            body.append((name, f"failed: {row['error']}", *[""] * 6))
        body += [(name, *cells(line, full)) for line in row.get("lines", [])]
    return table(HEAD, body) if body else ""


def cells(line: dict, full: bool) -> tuple[str, ...]:
    """Return the cells of a comparison, after that of the row's name."""
    ratio = "" if line["ratio"] is None else number(line["ratio"])
    if line["spread"] is not None:
        ratio += " ({}–{})".format(*map(number, line["spread"]))
    met = {None: "", True: "yes", False: "no"}[line["met"]]
    return (
        line["compared"],
        line["size"],
        amount(line["ours"], line["unit"]),
        amount(line["reference"], line["unit"]),
        ratio,
        line["budget"],
        met if full or not met else "not judged",
    )


def notes(rows: dict) -> str:
    return "\n".join(
        f"- {line['compared']}: {line['note']}"
        for row in rows.values()
        for line in row.get("lines", [])
        if line["note"]
    )


def growth_table(rows: dict, what: str) -> str:
    """Return the table of how time or memory grow with the number of rows."""
    grown = [one for row in rows.values() for one in row.get("growth", [])]
    if not grown:
        return ""
    sizes = sorted({n for one in grown for n in one["sizes"]})
    body = []
    for one in grown:
        values = dict(zip(one["sizes"], one[what], strict=True))
        if what == "seconds":
            values = {n: 1e6 * value / n for n, value in values.items()}
        body.append((one["step"], *(number(values[n]) if n in values else "" for n in sizes)))
    title = {"seconds": "Time in ms per 1,000 rows", "megabytes": "Peak of memory in MB"}[what]
    return f"{title}, by number of rows:\n\n" + table(("step", *(f"{n:,}" for n in sizes)), body)


def table(head, body) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(
        "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in line) + " |"
        for line in lines
    )


def amount(value, unit: str) -> str:
    return "" if value is None else f"{number(value)} {unit}".rstrip()


def number(value: float) -> str:
    """Return a number with three significant digits, and all digits before the point."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    return f"{value:,.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"
