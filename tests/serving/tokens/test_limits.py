"""How much a token may ask: by its own limits where it has some, else by those of all tokens."""

from contextlib import ExitStack

import pytest

from serving.tokens.limits import Limits, TooMany
from warehouse.access.limits import NO_LIMITS, TokenLimits

OF = {"narrow": TokenLimits(requests_per_minute=60, at_once=1, rows=3), "wide": TokenLimits(600, 6)}


def limits(per_second=1):
    return Limits(per_second, lambda token: OF.get(token, NO_LIMITS))


def at_once(limits, token):
    """How many requests of a token are answered at once."""
    with ExitStack() as held:
        for number in range(100):
            try:
                held.enter_context(limits.one_of(token))
            except TooMany:
                return number
    return None


@pytest.mark.parametrize(("token", "count"), [("narrow", 1), ("wide", 6), ("any", 4)])
def test_as_many_requests_are_answered_at_once_as_the_token_may_send_and_no_more(token, count):
    assert at_once(limits(0), token) == count


@pytest.mark.parametrize(("token", "count"), [("narrow", 10), ("wide", 100), ("any", 20)])
def test_the_requests_of_ten_seconds_may_come_at_once_and_no_more(token, count):
    asked = limits(per_second=2)
    for _ in range(count):
        with asked.one_of(token):
            pass
    with pytest.raises(TooMany, match="too many requests of this token"), asked.one_of(token):
        pass


def test_without_limits_a_token_reads_any_number_of_rows():
    assert [limits().most_rows(token) for token in ("narrow", "wide", "any")] == [3, None, None]
