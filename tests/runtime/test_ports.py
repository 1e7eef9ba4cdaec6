"""Ports of the servers we start, on addresses of both kinds."""

import pytest

from footfall.stack.processes import collector_url
from runtime import ports
from runtime.settings import Settings


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_is_claimed_once_and_kept(tmp_path, host):
    port = ports.claim(tmp_path / "port", 0, host)
    assert port
    assert ports.claim(tmp_path / "port", 0, host) == ports.port_of(tmp_path / "port", 0) == port


def test_an_address_of_ipv6_stands_in_brackets(tmp_path):
    assert collector_url(Settings(home=tmp_path, collector_host="::1")) == "http://[::1]:8030"
