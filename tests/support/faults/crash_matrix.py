"""The crash matrix: each step's fail points, at the first, a middle and the last time of being there, each way."""

from itertools import product

from tests.support.marts.contracts import SUITES

KILL, FULL, BROKEN, CUT, DEAF = "kill", "ENOSPC", "EIO", "cut", "deaf"


def faults(place: str, *ways: str, hits: tuple[int, ...] = (1,)) -> list[str]:
    """Every way at every hit of a place."""
    return [f"{place}#{hit}={way}" for hit, way in product(hits, ways)]


SEGMENTS, LINES_EACH, CHUNKS = 3, 3, 3
"""What the landing tests write, and into how many chunks the load tests cut a file."""
_LINES = (1, 5, SEGMENTS * LINES_EACH)
_MARTS = (1, len(SUITES) // 2, len(SUITES))

LANDING = (
    *faults("land:begun", KILL, FULL, BROKEN, hits=(1, 2, SEGMENTS)),
    *faults("land:writing", KILL, FULL, BROKEN, hits=_LINES),
    *faults("land:before_fsync", KILL, FULL, BROKEN, hits=_LINES),
    *faults("land:after_fsync", KILL, hits=_LINES),
    *faults("seal:before_manifest", KILL, FULL, BROKEN, hits=(1, 2, SEGMENTS)),
    *faults("seal:after_manifest", KILL, FULL, BROKEN, hits=(1, 2, SEGMENTS)),
    *faults("seal:before_unlink", KILL, BROKEN, hits=(1, 2, SEGMENTS)),
)
LOADING = (
    *faults("load:chunk", KILL, FULL, BROKEN, CUT, hits=(1, 2, CHUNKS)),
    *faults("load:before_commit", KILL, FULL, BROKEN, CUT, DEAF, hits=(1, 2, 3)),
    *faults("load:tidying", KILL, FULL, BROKEN, hits=(1, 2, 6)),
)
"""Three files a load; tidying moves two paths of each."""
REPLAYING = (
    *faults("replay:batch", KILL, FULL, BROKEN, CUT, hits=(1, 2)),
    *faults("replay:sealed", KILL, FULL, BROKEN, CUT, DEAF),
)
"""Of two batches of rejects."""
BEGINNING = (*faults("build:beginning", KILL, BROKEN, CUT, DEAF), *faults("build:begun", KILL, BROKEN))
BUILDING = (*faults("build:before_finish", BROKEN, KILL),)
"""Each takes a whole build: the suite tries the first, `make torture` both."""
_ON_SPARK = ("begun", "tables_made", "handed_over", "built", "brought_back")
BUILDING_ON_SPARK = tuple(f"spark:{step}#1={way}" for way in (BROKEN, KILL) for step in _ON_SPARK)
KILLED_ON_SPARK = (*faults("spark:handed_over", KILL),)
"""`make test-spark` tries the last before Spark itself, `make proof` all: a build takes a minute."""
CHECKING = (
    *faults("check:suite", KILL, hits=_MARTS),
    *faults("check:before_commit", KILL, CUT),
)
CRASHED_CHECKS = (*faults("check:suite", BROKEN, hits=_MARTS),)
"""These fail a check, not the night's process."""
CHECKED = (*faults("check:before_commit", DEAF), *faults("check:audited", KILL))
PUBLISHING = (
    *faults("publish:mart", KILL, FULL, BROKEN, CUT, hits=_MARTS),
    *faults("publish:before_commit", KILL, FULL, BROKEN, CUT),
)
PUBLISHED = (*faults("publish:before_commit", DEAF), *faults("publish:after_commit", KILL))
RETAINING = (
    *faults("retain:sealed", KILL, BROKEN, hits=(1, 2, 3)),
    *faults("retain:detached", KILL, BROKEN, CUT, hits=(1, 2, 3)),
    *faults("retain:file", KILL, FULL, BROKEN, hits=(1, 2, 3)),
    *faults("retain:rows", KILL, BROKEN, CUT, DEAF, hits=(1, 5, 31)),
)
"""Three days and three files are due; there are 31 rules for rows, the fifth is that of payment contacts."""
RETAINING_ONE_KIND = (
    *faults("retain:sealed", KILL, BROKEN, hits=(1, 2, 3)),
    *faults("retain:batch", KILL, BROKEN, CUT, DEAF, hits=(1, 4, 9)),
    *faults("retain:kind", KILL, BROKEN, CUT, DEAF, hits=(1, 2, 3)),
)
"""Of three days one kind of people is due, in three batches each."""
ERASING = (
    *faults("erase:suppressed", KILL),
    *faults("erase:rows", KILL, CUT, DEAF),
    *faults("erase:deleted", KILL),
    *faults("remove_lines:manifest", KILL, FULL),
    *faults("remove_lines:file", KILL),
    *faults("erase:files", KILL),
    *faults("erase:restated", KILL),
)
