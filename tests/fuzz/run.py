#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzzes: usage run.py BUILD SECONDS.

All targets that were built in BUILD, one for each core at a time, for SECONDS taken together. What they learn is kept
in BUILD/corpus, what they find in BUILD/finds. The exit status is 1 if one found something.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# An input that takes longer, or more memory, is a find too.
LIMITS = ["-timeout=10", "-rss_limit_mb=1024", "-malloc_limit_mb=64"]


def count(pattern, text):
    """The last number that the pattern finds."""
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def fuzz(build, name, seconds):
    """Returns what to say of it, and whether all is well."""
    program = build / "tests" / "fuzz" / f"fuzz-{name}"
    corpus = build / "corpus" / name
    finds = build / "finds"
    corpus.mkdir(parents=True, exist_ok=True)
    finds.mkdir(exist_ok=True)
    log = finds / f"{name}.log"
    with log.open("w", encoding="utf-8") as file:
        status = subprocess.run(
            [program, f"-max_total_time={seconds}", f"-dict={HERE / name}.dict", f"-artifact_prefix={finds / name}-",
             *LIMITS, "-print_final_stats=1", corpus, HERE / "seeds" / name],
            stdout=file, stderr=subprocess.STDOUT, check=False,
            env=os.environ | {"G_DEBUG": "fatal-warnings", "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}).returncode
    text = log.read_text(encoding="utf-8", errors="replace")
    runs = count(r"number_of_executed_units: (\d+)", text)
    reached, edges = count(r" cov: (\d+)", text), count(r"\((\d+) PCs\)", text)
    said = f"{name}: {runs:,} runs, {reached:,} of {edges:,} edges, {len(list(corpus.iterdir())):,} inputs kept"
    if status == 0:
        return f"{said}, nothing found", True
    find = re.findall(r"Test unit written to (\S+)", text)
    return f"{said}\n  FOUND, see {log}" + "".join(f"\n  repeat: {program} {path}" for path in find), False


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    names = sorted(path.stem for path in HERE.glob("*.dict"))
    share = max(1, int(sys.argv[2]) // len(names))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        well = True
        for said, good in pool.map(lambda name: fuzz(build, name, share), names):
            print(said, flush=True)
            well = well and good
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
