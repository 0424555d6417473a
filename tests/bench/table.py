# SPDX-License-Identifier: MIT
"""Rows of docs/performance.md: printed, and kept in bench.json with the time and how busy the machine
was."""
import json
import os
import pathlib
import time


def row(name, value, most, how, digits=2):
    """True if the value is within its aim."""
    print(f"| {name} | {value:.{digits}f} | <= {most} | {how} |", flush=True)
    file = pathlib.Path(os.environ.get("BUILD", "build")) / "bench.json"
    rows = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    rows[name] = {"value": round(value, 4), "aim": most, "from": how, "load": round(os.getloadavg()[0], 1),
                  "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    file.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return value <= most
