#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The verification of one ID token beside OpenSSL's bare operation, and beside libraries that Debian has:
key ready, and from the key set's text."""
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
import harness  # noqa: E402
import table  # noqa: E402

ROUNDS = 15
READY, COLD = 1.5, 2.0  # aims
PEERS = {"cjose": "cjose", "rhonabwy": "Rhonabwy", "jose": "libjose", "jwt": "libjwt"}


def figures(*command):
    return [float(word) for word in subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.split()]


def main():
    ours = str(harness.TEST / "bench_verify")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([ours, "write", folder], check=True)
        takers = {"ours": lambda: figures(ours, "read", folder)}
        for peer in PEERS:
            program = harness.TEST / "bench/peers" / peer
            if program.exists():
                takers[peer] = lambda program=program: figures(str(program), folder)
        taken = table.interleave(table.rounds(ROUNDS), takers)
    ready, cold, bare = (statistics.median(column) for column in list(zip(*taken["ours"]))[:3])
    table.row("verification and claims / bare EVP_DigestVerify", ready / bare, READY, f"{ready:.1f} us / {bare:.1f} us")
    table.row("the same from the key set's text / bare EVP_DigestVerify", cold / bare, COLD, f"{cold:.1f} us / {bare:.1f} us")
    for peer, what in PEERS.items():
        if peer not in taken:
            table.skip(f"{what}", "not built: its -dev package is not installed")
            continue
        theirs, theirs_cold = (statistics.median(column) for column in zip(*taken[peer]))
        if peer != "jwt":  # it has no keys that were read before, and takes PEM
            table.told(f"{what}, key ready / bare EVP_DigestVerify", theirs / bare, f"{theirs:.1f} us")
        table.told(f"{what}, from the key's text / bare EVP_DigestVerify", theirs_cold / bare, f"{theirs_cold:.1f} us")
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
