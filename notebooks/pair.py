"""Writes tour.ipynb from tour.py (the percent format), or checks that both agree: `--check`."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent


def cells(text):
    """Cells of a text in the percent format: (kind, lines)."""
    found = []
    for line in text.splitlines():
        if line.startswith("# %%"):
            found.append(("markdown" if "[markdown]" in line else "code", []))
        elif found:
            found[-1][1].append(line)
    return found


def plain(kind, lines):
    """The lines of a cell without the comment signs of prose and without blank ends."""
    if kind == "markdown":
        lines = [line.removeprefix("#").removeprefix(" ") for line in lines]
    return "\n".join(lines).strip("\n")


def notebook(text):
    made = []
    for place, (kind, lines) in enumerate(cells(text)):
        source = plain(kind, lines).splitlines(keepends=True)
        cell = {"cell_type": kind, "id": f"tour-{place}", "metadata": {}, "source": source}
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        made.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def main():
    text = (HERE / "tour.py").read_text()
    wanted = json.dumps(notebook(text), indent=1, ensure_ascii=False) + "\n"
    place = HERE / "tour.ipynb"
    if "--check" in sys.argv:
        sys.exit(0 if place.read_text() == wanted else "tour.ipynb differs from tour.py: run notebooks/pair.py")
    place.write_text(wanted)


main()
