"""What is kept of answers, and for how long."""

from serving.api.answer import Rows
from serving.api.kept import KEPT_SECONDS, MOST_VALUES, KeptAnswers


class Still:
    """A database that reports a change when the test says so."""

    def __init__(self):
        self.version, self.changed = 1, []

    def change(self):
        self.version += 1
        for call in self.changed:
            call()


def found(count):
    return [Rows(["n"], [(number,) for number in range(count)], count)]


def test_what_was_found_is_kept_for_some_minutes():
    now = 0.0
    kept = KeptAnswers(Still(), lambda: now)
    kept.keep("a", found(2), 1)
    now = KEPT_SECONDS / 2
    kept.keep("b", found(3), 1)
    assert (kept.find("a"), kept.find("b"), kept.find("c")) == (found(2), found(3), None)
    now = KEPT_SECONDS
    assert (kept.find("a"), kept.find("b")) == (None, found(3))


def test_the_oldest_makes_room_and_what_is_too_large_is_not_kept():
    kept = KeptAnswers(Still())
    half = MOST_VALUES // 2
    for name in "abc":
        kept.keep(name, found(half), 1)
    kept.keep("large", found(MOST_VALUES + 1), 1)
    assert [name for name in ("a", "b", "c", "large") if kept.find(name)] == ["b", "c"]


def test_a_change_takes_all_from_memory_and_what_was_read_before_it_is_not_kept():
    still = Still()
    kept = KeptAnswers(still)
    kept.keep("a", found(2), kept.version)
    read_before = kept.version
    still.change()
    kept.keep("b", found(2), read_before)
    kept.keep("c", found(MOST_VALUES), kept.version)
    assert [name for name in "abc" if kept.find(name)] == ["c"]
    still.version = None
    kept.keep("d", found(2), kept.version)
    assert kept.find("d") is None
