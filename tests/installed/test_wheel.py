"""The wheel, where it is installed: it holds all it needs, and hides no other package."""

import subprocess
import sys
import zipfile
from importlib.metadata import distributions
from pathlib import PurePosixPath

import pytest

from runtime.settings import PROJECT
from tests.support.package.wheel import UV, install

FOR_DEVELOPMENT = ("dbt_project/lint/", "dbt_project/lists/", "dbt_project/.sqlfluff")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    return install(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def held(installed):
    with zipfile.ZipFile(installed.wheel) as wheel:
        return {name for name in wheel.namelist() if ".dist-info/" not in name}


def test_it_holds_every_file_of_its_packages(held):
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    tops = {name.partition("/")[0] for name in held}
    ours = {name for name in listed.splitlines() if name.partition("/")[0] in tops}
    assert {name for name in ours if not name.startswith(FOR_DEVELOPMENT)} == held


def test_its_packages_have_no_name_that_another_of_the_lock_or_of_python_has(held):
    ours = {name.partition("/")[0] for name in held}
    others = {
        PurePosixPath(part).stem
        for each in distributions()
        if each.name != "footfall"
        for part in {file.parts[0] for file in each.files or ()}
    }
    assert {"dagster", "dbt", "serving"} - others == {"serving"}
    assert ours & (others | sys.stdlib_module_names) == set()


def test_a_wheel_can_be_built_of_the_sources_that_are_handed_on(tmp_path):
    subprocess.run([UV, "build", "--offline", "--quiet", "--out-dir", tmp_path, PROJECT], check=True)
    assert sorted(path.suffix for path in tmp_path.glob("footfall-*")) == [".gz", ".whl"]


def test_in_an_empty_folder_it_says_what_it_is_and_what_it_can_do(installed):
    assert installed.run("--version").split()[1] in installed.wheel.name
    assert "demo" in installed.run("--help")
    assert not [*installed.folder.iterdir(), *installed.home.iterdir()]
