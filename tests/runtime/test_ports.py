"""Ports of the servers we start, on addresses of both kinds."""

import errno
import os

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


def test_a_port_that_a_full_disk_did_not_store_is_the_wished_one(tmp_path):
    (tmp_path / "port").write_text("")
    assert ports.port_of(tmp_path / "port", 5439) == 5439


def test_a_port_is_stored_whole_or_not_at_all(tmp_path, monkeypatch):
    ports.store(tmp_path / "port", 5439)

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        ports.store(tmp_path / "port", 5440)
    assert [path.name for path in tmp_path.iterdir()] == ["port"]
    assert ports.port_of(tmp_path / "port", 0) == 5439
