#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what a run of `meson test` came to, TAP subtests one by one, and says so in its last line.

Takes meson's testlog.json: its JUnit file leaves out that a program timed out or crashed.
"""

import json
import re
import sys

TAP_LINE = re.compile(r"^(not )?ok\b([^#]*)(#\s*skip)?", re.IGNORECASE)


def outcomes(test):
    """Yields a name and "passed", "failed" or "skipped" for each part of a test program."""
    failed = False
    parts = [part for part in map(TAP_LINE.match, test.get("stdout", "").splitlines()) if part]
    for part in parts:
        outcome = "skipped" if part[3] else "failed" if part[1] else "passed"
        failed = failed or outcome == "failed"
        yield f"{test['name']}: {part[2].strip()}", outcome
    if test["result"] == "SKIP":
        if not parts:
            yield test["name"], "skipped"
    elif test["result"] in ("OK", "EXPECTEDFAIL"):
        if not parts:
            yield test["name"], "passed"
    elif not failed:
        # All subtests that ran were well, but it crashed, took too long or left some out.
        yield f"{test['name']}: {test['result'].lower()}", "failed"


def main():
    count = {"passed": 0, "failed": 0, "skipped": 0}
    try:
        with open(sys.argv[1], encoding="utf-8") as log:
            tests = [json.loads(line) for line in log]
    except (OSError, ValueError) as error:
        print(f"The tests left no readable result: {error}")
        tests = []
        count["failed"] += 1
    for test in tests:
        for name, outcome in outcomes(test):
            count[outcome] += 1
            if outcome != "passed":
                print(f"{outcome.capitalize()}: {name}")
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped", flush=True)
    return 0 if count["passed"] and not count["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
