"""A run of what `make torture` does for longer."""

import time

import pytest

from tests.support.installation import with_settings
from tests.torture.parts import storm

SMALL, WHOLE = (8, 2), (20, 4)
"""Kills of the collector, and of nights, which are killed at one step after the other."""


@pytest.mark.nights
def test_what_is_acknowledged_is_published_once_whatever_is_killed_meanwhile(installation, size):
    installation = with_settings(installation, segment_bytes=100_000)
    kills, nights = size(SMALL, WHOLE)
    said: list[str] = []
    broken = storm(installation, kills, nights, seed=1, deadline=time.monotonic() + 300, say=said.append)
    assert broken == []
    assert said[0].startswith(f"collector     {kills} kills"), said
    assert said[1].startswith("nights"), said
