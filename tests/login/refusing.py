#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""refusing.py SYSCALL ERRNO COMMAND...: runs a command on a kernel that answers one system call
with an error, by a seccomp filter of two lines."""
import ctypes
import os
import platform
import struct
import sys

NUMBERS = {"landlock_create_ruleset": 444, "landlock_add_rule": 445, "landlock_restrict_self": 446, "pidfd_open": 434,
           "seccomp": {"x86_64": 317, "aarch64": 277}}
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7fff0000, 0x00050000
SET_SECCOMP, FILTER, NO_NEW_PRIVS = 22, 2, 38


class Program(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ushort), ("code", ctypes.c_void_p)]


def main():
    number = NUMBERS[sys.argv[1]]
    if isinstance(number, dict):
        number = number[platform.machine()]
    lines = [(LOAD, 0, 0, 0), (EQUAL, 0, 1, number), (RETURN, 0, 0, ERRNO | int(sys.argv[2])), (RETURN, 0, 0, ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    program = Program(len(lines), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or libc.prctl(SET_SECCOMP, FILTER, ctypes.byref(program)) != 0:
        sys.exit("no filter: " + os.strerror(ctypes.get_errno()))
    os.execv(sys.argv[3], sys.argv[3:])


if __name__ == "__main__":
    main()
