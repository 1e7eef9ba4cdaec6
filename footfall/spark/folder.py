"""The files of a build on Spark: what is handed over, and Spark's own tables. They last as long as the build.

They hold rows of people, so each build deletes what a killed one has left, and an erasure does as well.
"""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.settings import Settings

_BUILDS = "build-*"


@contextmanager
def files_of_a_build(settings: Settings) -> Iterator[Path]:
    """Give an empty folder, and delete it at the end. The caller holds CANDIDATE: there is one build at a time."""
    clear(settings)
    folder = settings.spark / _BUILDS.replace("*", uuid.uuid4().hex)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        clear(settings)


def clear(settings: Settings) -> int:
    """Delete the files of all builds, and return how many there were. The caller holds CANDIDATE."""
    left = [path for folder in settings.spark.glob(_BUILDS) for path in folder.rglob("*") if path.is_file()]
    for folder in settings.spark.glob(_BUILDS):
        shutil.rmtree(folder)
    return len(left)
