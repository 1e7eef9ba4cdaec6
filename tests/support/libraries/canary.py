"""What a private part of a library is expected to be, and a clear word when it is not there any more."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

import pytest


@contextmanager
def canary(library: str, module: str) -> Iterator[None]:
    """Fail with the library, its version and the module that builds on what is private to it."""
    try:
        yield
    except Exception as error:
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        pytest.fail(f"{library} {version(library)} moved what {module} builds on. {what}", pytrace=False)
