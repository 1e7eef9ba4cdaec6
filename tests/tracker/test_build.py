"""The tracker: its own tests, and whether the scripts that the collector serves are those of its sources."""

import gzip
import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

from ingestion.event.standard_events import AUTOMATIC_EVENTS, STANDARD_EVENTS
from tests.tools import TRACKER, program

SERVED = TRACKER.parent / "ingestion" / "collector" / "http"
SCRIPTS = ("tracker.js", "tracker.core.js", "tracker.vitals.js")
KB = 1024


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=TRACKER, capture_output=True, text=True, timeout=120)


def compressed(name: str) -> int:
    return len(gzip.compress((SERVED / name).read_bytes()))


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_served_script_is_built_from_the_sources_of_today(name):
    """Without node. `make tracker` builds it."""
    sources = sorted((TRACKER / "src").rglob("*.ts*"), key=lambda path: path.relative_to(TRACKER / "src").as_posix())
    of_all = [*sources, TRACKER / "build.mjs", TRACKER / "package-lock.json"]
    expected = hashlib.sha256(b"".join(path.read_bytes() for path in of_all)).hexdigest()[:12]
    head = (SERVED / name).read_text().partition("\n")[0]
    assert expected in head, f"{name} is stale: make tracker"
    assert "Apache-2.0" in head


def test_a_build_makes_the_served_scripts_to_the_byte(tmp_path):
    done = run(program("nodejs"), "build.mjs", "served", tmp_path)
    assert done.returncode == 0, done.stderr
    for name in SCRIPTS:
        assert (tmp_path / name).read_bytes() == (SERVED / name).read_bytes(), name


def test_the_whole_script_has_at_most_five_kilobytes_and_the_core_three():
    assert compressed("tracker.js") <= 5 * KB
    assert compressed("tracker.core.js") <= 3 * KB


def test_its_own_tests_pass_and_none_is_skipped():
    done = run(program("npm"), "test", "--silent")
    assert done.returncode == 0, done.stdout
    counts = {name: int(count) for name, count in re.findall(r"^# (\w+) (\d+)$", done.stdout, re.MULTILINE)}
    assert counts["pass"] > 60
    assert (counts["fail"], counts["skipped"], counts["todo"]) == (0, 0, 0)


def test_its_types_fit():
    done = run(program("npm"), "exec", "--offline", "--", "tsc", "--noEmit", "--emitDeclarationOnly", "false")
    assert done.returncode == 0, done.stdout


def test_each_verb_is_a_standard_event():
    source = (TRACKER / "src" / "whole" / "verbs.ts").read_text()
    table = "".join(re.findall(r'^  "(.*)"[ ;+]', source, re.MULTILINE))
    events = {line.split(" ")[0] for line in table.split(",")}
    own = {"page_viewed", "page_engaged", "session_ended", "user_identified", "user_signed_out"}
    assert events | own == set(STANDARD_EVENTS)


def test_what_is_sent_without_a_call_has_a_category():
    source = (TRACKER / "src" / "whole" / "automatic.ts").read_text()
    assert set(re.findall(r'record\(\s*"(\w+)"', source)) == set(AUTOMATIC_EVENTS)


def test_each_call_option_and_automatic_event_is_documented():
    page = (TRACKER.parent / "docs" / "tracker.md").read_text()
    options = (TRACKER / "src" / "core" / "options.ts").read_text().partition("export interface Options {")[2]
    names = re.findall(r"^  (\w+)\??:", options.partition("\n}")[0], re.MULTILINE)
    attributes = ["data-" + re.sub("[A-Z]", lambda capital: f"-{capital[0].lower()}", name) for name in names]
    assert len(attributes) > 15
    calls = []
    for file, head in (("core/tracker.ts", "export const calls = {"), ("whole/words.ts", "const rarer = {")):
        body = (TRACKER / "src" / file).read_text().partition(head)[2].partition("\n};")[0]
        calls += re.findall(r"^  (\w+)\(", body, re.MULTILINE)
    assert len(calls) > 7
    verbs = re.findall(r"^  (\w+)[(:]", (TRACKER / "src" / "whole" / "verbs.ts").read_text(), re.MULTILINE)
    missing = [name for name in attributes if f"`{name}" not in page]
    missing += [name for name in {*calls, *verbs} - {"for"} if f"footfall.{name}(" not in page]
    assert missing + [name for name in AUTOMATIC_EVENTS if f"`{name}`" not in page] == []


def test_the_lock_names_no_machine_and_no_registry_of_ours():
    packages = json.loads((TRACKER / "package-lock.json").read_text())["packages"]
    assert {"resolved", "link"} & {key for package in packages.values() for key in package} == set()
    assert all("integrity" in package for name, package in packages.items() if name)
