"""What the make_*.py scripts share: reading our own tables, and writing a golden file with its header."""

import csv
import json
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
DATASETS = HERE.parent.parent / "datasets"
DATE = "2026-11-21"  # the day the numbers were frozen; change it only together with the numbers


def table(name):
    """A bundled table whose features are all numbers: (X, target as text, feature names, target name)."""
    with open(DATASETS / "tables" / f"{name}.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    header, body = rows[0], rows[1:]
    X = np.array([[float(c) for c in r[:-1]] for r in body])
    return X, np.array([r[-1] for r in body]), header[:-1], header[-1]


def header(tool, version, call, generator, tolerance, facts=()):
    """tolerance: {what: [number, reason]}; facts: conventions a reader of the numbers must know."""
    return {
        "tool": tool,
        "version": version,
        "call": call,
        "date": DATE,
        "generator": f"tests/golden/{generator}",
        "tolerance": {k: {"value": v, "reason": r} for k, (v, r) in tolerance.items()},
        "facts": list(facts),
    }


def _plain(x):
    if isinstance(x, np.ndarray):
        return x.tolist()
    if isinstance(x, np.generic):
        return x.item()
    raise TypeError(type(x))


def _lines(x, indent):
    """JSON whose innermost arrays stand on one line; doubles in shortest round-trip form."""
    if isinstance(x, (np.ndarray, np.generic)):
        x = x.tolist()
    pad = " " * (indent + 1)
    if isinstance(x, dict) and x and any(isinstance(v, (dict, list, tuple, np.ndarray)) for v in x.values()):
        body = ",\n".join(f"{pad}{json.dumps(k)}: {_lines(v, indent + 1)}" for k, v in x.items())
        return "{\n" + body + "\n" + " " * indent + "}"
    if isinstance(x, (list, tuple)) and any(isinstance(v, (dict, list, tuple, np.ndarray)) for v in x):
        body = ",\n".join(pad + _lines(v, indent + 1) for v in x)
        return "[\n" + body + "\n" + " " * indent + "]"
    return json.dumps(x, default=_plain, allow_nan=False, ensure_ascii=False)


def write(name, content):
    (HERE / name).write_text(_lines(content, 0) + "\n", encoding="utf-8")
