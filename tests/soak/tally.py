# SPDX-License-Identifier: MIT
"""What a soak has checked: a line for each, and the counts."""
COUNTS = {"passed": 0, "failed": 0}


def check(what, holds, more=""):
    COUNTS["passed" if holds else "failed"] += 1
    print(("ok" if holds else "not ok") + " - " + what, flush=True)
    if not holds:
        print(more)
