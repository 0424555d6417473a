# SPDX-License-Identifier: MIT
"""What becomes of each attempt of tests/pam/hostile_helper.c, by the helper's own sandbox alone."""
import re
import subprocess
import sys

# What a login itself needs; everything else that is tried must fail.
HARMLESS = {"tcp socket is needed", "stat is harmless"}
FILES = {"read a sibling's memory", "read /etc/passwd", "read /etc/shadow", "read /proc/self/mem", "read /dev/null", "list /"}
PORTS = {"connect to another port"}
LEAST = 50


def landlock_abi():
    """As the kernel says, by the system call that the helper makes (444 everywhere)."""
    code = "import ctypes; print(ctypes.CDLL(None).syscall(444, None, 0, 1))"
    return int(subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True).stdout)


def found(text):
    """{attempt: result} of a log."""
    return dict(re.findall(r"attempt (.*): (\w+)$", text, re.M))


def unknown_to_kernel(abi):
    """What Landlock of this version does not see."""
    return (FILES if abi < 1 else set()) | (PORTS if abi < 4 else set())


def expected(name):
    if name in HARMLESS:
        return "ok"
    if name in FILES | PORTS:
        return "EACCES"
    return "ENOSYS" if name == "clone3" else "EPERM"
