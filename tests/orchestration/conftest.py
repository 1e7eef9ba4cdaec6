"""Where alarms arrive."""

import pytest

from tests.support.serving import outside


@pytest.fixture(scope="module")
def webhook():
    """A server that remembers in `got` what it was sent."""
    with outside.webhook() as server:
        yield server
