"""Run a program as `nobody`, since PostgreSQL refuses to run as root.

Used as a script, and only when we are root (a container, CI). The program keeps one power of root's, to reach files
whatever their mode (CAP_DAC_OVERRIDE, as an ambient capability): the environment and the cache may lie under /root,
where `nobody` could not even look, and nobody's modes are changed for it. Without that power (a container that has
dropped it) the program still runs, if the folders let it.
"""

import ctypes
import os
import pwd
import sys

PR_SET_KEEPCAPS = 8
PR_SET_SECUREBITS = 28
SECBIT_NO_SETUID_FIXUP = 1 << 2
PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 47, 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


def user() -> pwd.struct_passwd:
    """The user that PostgreSQL runs as when we are root. Raises KeyError: there is no such user."""
    return pwd.getpwnam("nobody")


def become(account: pwd.struct_passwd) -> None:
    """Turn this process into `account`'s, keeping the power to reach files if the system grants it."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    # Else access(2), with which PostgreSQL checks its own programs, leaves the power out of account.
    libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setresgid(account.pw_gid, account.pw_gid, account.pw_gid)
    os.setresuid(account.pw_uid, account.pw_uid, account.pw_uid)
    reach = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(reach, reach, reach, 0, 0, 0)  # effective, permitted, inheritable; then the high bits
    if libc.capset(header, sets) == 0:
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


if __name__ == "__main__":
    become(user())
    os.environ["HOME"] = "/"
    os.execv(sys.argv[1], sys.argv[1:])
