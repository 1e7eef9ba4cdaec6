"""What is kept of answers, and for how long."""

from serving.api.answer import Rows
from serving.api.kept import KEPT_SECONDS, MOST_VALUES, KeptAnswers


def found(count):
    return [Rows(["n"], [(number,) for number in range(count)], count)]


def test_what_was_found_is_kept_for_some_minutes():
    now = 0.0
    kept = KeptAnswers(lambda: now)
    kept.keep("a", found(2))
    now = KEPT_SECONDS / 2
    kept.keep("b", found(3))
    assert (kept.find("a"), kept.find("b"), kept.find("c")) == (found(2), found(3), None)
    now = KEPT_SECONDS
    assert (kept.find("a"), kept.find("b")) == (None, found(3))


def test_the_oldest_makes_room_and_what_is_too_large_is_not_kept():
    kept = KeptAnswers()
    half = MOST_VALUES // 2
    for name in "abc":
        kept.keep(name, found(half))
    kept.keep("large", found(MOST_VALUES + 1))
    assert [name for name in ("a", "b", "c", "large") if kept.find(name)] == ["b", "c"]
