# SPDX-License-Identifier: MIT
"""Pictures of docs/performance.md, by gnuplot."""
import subprocess


def draw(path, lines, x, y, *settings):
    """lines: {name: [(x, y), ...]}; settings: gnuplot's."""
    script = [f"set terminal svg size 640,360 font 'sans,12'; set output '{path}'; set key left top; set grid",
              f"set xlabel '{x}'; set ylabel '{y}'", *settings]
    for number, points in enumerate(lines.values()):
        script += [f"$line{number} << end", *(f"{at} {value:.4f}" for at, value in points), "end"]
    script.append("plot " + ", ".join(f"$line{number} with linespoints title '{name}'" for number, name in enumerate(lines)))
    subprocess.run(["gnuplot"], input="\n".join(script), text=True, check=True)
