"""The base of every failure that a person can fix, and what is wrong with a disk, a folder or a file, in words.

Anything else that is raised is a bug and shows its traceback.
"""

import errno
import os
from collections.abc import Iterator

_FULL = "the disk is full: make room, then run the same command again"
_IN_THE_WAY = "something else lies where this should be: move it away"
_ADVICE = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: "the quota of this account is used up: make room, then run the same command again",
    errno.EFBIG: "files may not grow any more: make room or raise the limit, then run the same command again",
    errno.EROFS: "the disk is read-only: make it writable, then run the same command again",
    errno.EACCES: "this account has no right to it",
    errno.EPERM: "this account has no right to it",
    errno.EIO: "the disk reports an error: look into the log of the system",
    errno.EMFILE: "too many files are open: raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine",
    errno.EEXIST: _IN_THE_WAY,
    errno.EISDIR: _IN_THE_WAY,
    errno.ENOTDIR: _IN_THE_WAY,
    errno.ENOTEMPTY: _IN_THE_WAY,
    errno.ELOOP: "it is a link to itself",
    errno.ENAMETOOLONG: "its name is too long",
}


class FootfallError(Exception):
    """What failed or was refused, and what to do about it, in words for the person at the terminal.

    Each border raises a class of its own. An outcome that callers always handle, such as a torn segment, is not one.
    """


def explain(error: BaseException) -> str | None:
    """Return what is wrong and what to do; None for an error that is, and comes from, no error of a disk."""
    for each in _chain(error):
        if isinstance(each, OSError) and (advice := _ADVICE.get(each.errno or 0)):
            where = f"{os.fsdecode(each.filename)}: " if isinstance(each.filename, str | bytes | os.PathLike) else ""
            return f"{where}{advice} ({os.strerror(each.errno or 0)})"
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error, and those from which it came."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
