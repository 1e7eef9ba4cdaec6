"""A small run of what `make torture` does for longer."""

import time

from tests.support.installation import with_settings
from tests.torture.parts import storm

KILLS, NIGHTS = 20, 4


def test_what_is_acknowledged_is_published_once_whatever_is_killed_meanwhile(installation):
    installation = with_settings(installation, segment_bytes=100_000)
    said: list[str] = []
    broken = storm(installation, KILLS, NIGHTS, seed=1, deadline=time.monotonic() + 300, say=said.append)
    assert broken == []
    assert said[0].startswith(f"collector     {KILLS} kills"), said
    assert said[1].startswith("nights"), said
