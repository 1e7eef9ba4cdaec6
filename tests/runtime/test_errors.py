"""What is said of errors of disks, and of what is none."""

import errno

import pytest

from runtime.errors import explain


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO, errno.ENOTDIR])
@pytest.mark.parametrize("place", ["/var/landing", b"/var/landing", None])
def test_an_error_of_a_disk_says_where_and_what_to_do(number, place):
    said = explain(OSError(number, "no matter", place))
    assert said
    assert said.startswith("/var/landing: ") == bool(place)
    assert "Errno" not in said


def test_it_is_found_below_other_errors():
    full, middle, top = OSError(errno.ENOSPC, "full", "/home"), ValueError(), KeyError()
    middle.__cause__, top.__context__ = full, middle
    assert "the disk is full" in (explain(top) or "")


@pytest.mark.parametrize(
    "error", [ValueError(), ConnectionResetError(errno.ECONNRESET, "x"), OSError("x"), KeyError(28)]
)
def test_what_is_no_error_of_a_disk_stays_a_bug(error):
    error.__context__ = error
    assert explain(error) is None
