"""Superset's environment: only what is locked, and a clear message where that cannot be had."""

import re

import pytest

from footfall.superset import environment

pytestmark = pytest.mark.bi


def test_every_package_is_locked_by_version_and_hashes():
    locked = environment.LOCK.read_text()
    packages = re.findall(r"^(\S+)==\S+", locked, re.MULTILINE)
    assert {"apache-superset", "psycopg2-binary", "gunicorn"} <= set(packages)
    for package in re.split(r"^(?=\S+==)", locked, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in package, package


def test_a_package_of_another_hash_is_not_installed_and_the_next_run_begins_again(tmp_path, monkeypatch):
    lock = tmp_path / "requirements.txt"
    wheel = tmp_path / "thing-1.0-py3-none-any.whl"
    wheel.write_bytes(b"something else")
    lock.write_text(f"thing @ {wheel.as_uri()} --hash=sha256:{'0' * 64}\n")
    monkeypatch.setattr(environment, "LOCK", lock)
    for _ in range(2):
        with pytest.raises(environment.InstallFailed, match="pip could not install what is locked"):
            environment.ready(tmp_path, lambda line: None)


def test_where_no_python_fits_it_is_said_which_do(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "_PYTHONS", ((9, 9),))
    with pytest.raises(environment.InstallFailed, match=r"needs one of python9\.9"):
        environment.ready(tmp_path, lambda line: None)
