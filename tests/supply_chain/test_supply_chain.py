"""What is installed is what was locked, and no secret is in the repository."""

import base64
import os
import secrets
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.supply_chain import vulnerabilities
from tests.supply_chain.secrets import find

ROOT = Path(__file__).parent.parent.parent
UV = str(Path(sys.executable).with_name("uv"))
LOCK = tomllib.loads((ROOT / "uv.lock").read_text())


def test_every_locked_package_is_pinned_by_its_hash():
    ours = [package for package in LOCK["package"] if package["source"] == {"editable": "."}]
    assert [package["name"] for package in ours] == ["footfall"]
    for package in LOCK["package"]:
        if package not in ours:
            files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
            assert files, package["name"]
            assert all(file["hash"].startswith("sha256:") for file in files), package["name"]


def test_the_lock_fits_the_project_and_the_make_file_installs_nothing_else():
    subprocess.run([UV, "lock", "--check", "--offline"], cwd=ROOT, check=True, capture_output=True)
    assert "uv sync --quiet --frozen" in (ROOT / "Makefile").read_text()


def test_a_package_with_another_hash_is_not_installed(tmp_path):
    wheel = tmp_path / "thing-1.0-py3-none-any.whl"
    _write_wheel(wheel)
    requirements = str(tmp_path / "requirements.txt")
    Path(requirements).write_text(f"thing @ {wheel.as_uri()} --hash=sha256:{'0' * 64}\n")
    install = f"{UV} pip install --offline --require-hashes --target {tmp_path / 'there'} --requirement {requirements}"
    done = subprocess.run(install.split(), capture_output=True, text=True)
    assert done.returncode
    assert "Hash mismatch" in done.stderr


KEYS = {
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a cloud provider's key": 'key = "AKIA' + "IOSFODNN7" + 'ZXCVBNQ"',
    "a write key of ours": f'KEY = "ff_{secrets.token_urlsafe(24)}"',
    "a random secret": f'token = "{base64.b64encode(secrets.token_bytes(48)).decode()}"',
    "a database's password": "url = 'postgresql://footfall:" + "h8Kq2vX9" + "@db.example/footfall'",
}


@pytest.fixture
def repository(tmp_path):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)

    def commit(name, content):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(content)
        subprocess.run(["git", "add", name], cwd=tmp_path, check=True)
        return tmp_path

    return commit


@pytest.mark.parametrize("file", ["footfall/thing.py", "tests/test_thing.py"])
@pytest.mark.parametrize("kind", KEYS)
def test_a_planted_key_is_found(repository, kind, file):
    found = find(repository(file, f"first = 1\n{KEYS[kind]}\n"))
    assert found
    assert all(each.startswith(f"{file}:2: ") for each in found)


def test_a_password_in_the_product_is_found_and_one_that_a_test_makes_up_is_none(repository):
    repository("tests/test_thing.py", 'password = "guess-me"\n')
    found = find(repository("footfall/thing.py", 'password = "guess-me"\n'))
    assert found == ["footfall/thing.py:1: Secret Keyword"]


def test_what_git_does_not_know_is_not_searched(repository):
    folder = repository("footfall/thing.py", "first = 1\n")
    (folder / "notes.txt").write_text(KEYS["a private key"])
    assert find(folder) == []


def test_a_vulnerable_package_is_named_with_its_fix():
    known, found = vulnerabilities.judge(
        [
            {"name": "thing", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]},
            {"name": "other", "version": "2.0", "vulns": []},
            {"name": "unheard", "skip_reason": "not found"},
        ]
    )
    assert known == 2
    assert found == ["thing 1.0: PYSEC-1, fixed in 1.1"]


def test_where_no_service_answers_it_is_said_that_nothing_was_audited():
    done = subprocess.run(
        [sys.executable, "-m", "tests.supply_chain.vulnerabilities"],
        cwd=ROOT,
        env=os.environ | {"HTTPS_PROXY": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "NOT AUDITED" in done.stdout


def _write_wheel(path):
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("thing.py", "")
        wheel.writestr("thing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
        wheel.writestr("thing-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("thing-1.0.dist-info/RECORD", "")
