import stat
import subprocess
import sys

import pytest

from runtime.secrets import SecretsError, make_private, read_or_create, require_private
from runtime.settings import PROJECT

READ = "import sys; from pathlib import Path; from runtime.secrets import read_or_create; print(read_or_create(Path(sys.argv[1])))"


def test_a_secret_is_made_once_and_read_from_then_on(tmp_path):
    path = tmp_path / "secrets" / "one"
    assert read_or_create(path) == read_or_create(path)
    assert len(path.read_text()) >= 32


def test_two_secrets_differ(tmp_path):
    assert read_or_create(tmp_path / "one") != read_or_create(tmp_path / "two")


def test_only_its_owner_may_read_a_secret_and_look_into_its_folder(tmp_path):
    path = tmp_path / "secrets" / "one"
    read_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_secret_others_may_touch_is_refused_with_the_fix(tmp_path, mode):
    path = tmp_path / "one"
    read_or_create(path)
    path.chmod(mode)
    with pytest.raises(SecretsError, match=f"chmod 600 {path}"):
        read_or_create(path)


def test_several_processes_that_need_a_secret_at_once_get_the_same(tmp_path):
    command = [sys.executable, "-c", READ, str(tmp_path / "one")]
    readers = [subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    said = {reader.communicate()[0].strip() for reader in readers}
    assert said == {(tmp_path / "one").read_text()}


def test_no_half_made_secret_is_left_behind(tmp_path):
    read_or_create(tmp_path / "one")
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_all_secrets_others_may_touch_are_named_at_once_with_the_fix(tmp_path):
    paths = [tmp_path / name for name in ("one", "two", "three", "missing")]
    for path in paths[:3]:
        read_or_create(path)
    require_private(paths)
    paths[0].chmod(0o640)
    paths[2].chmod(0o604)
    with pytest.raises(SecretsError, match=f"chmod 600 {paths[0]} {paths[2]}$"):
        require_private(paths)


def test_the_home_is_made_for_its_owner_alone_and_closed_where_it_stands_open(tmp_path):
    home = tmp_path / "deep" / "home"
    make_private(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    home.chmod(0o755)
    make_private(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
