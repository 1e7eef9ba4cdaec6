"""The command line as a person meets it: help, documentation, clear refusals."""

import gzip
import re
import subprocess
import sys
from pathlib import Path

import pytest

from footfall.answers.questions import questions
from footfall.stack.stack import prepare_database
from runtime.secrets import read_or_create
from runtime.settings import PROJECT
from tests.support.command import commands, footfall, walk
from tests.support.database import rows
from tests.support.events import event
from warehouse.tables.version import newest

DOCUMENTED = (PROJECT / "docs" / "commands.md").read_text()


@pytest.fixture
def cli(installation):
    """The command on a fresh database."""
    url = installation.database.administrator.render_as_string(hide_password=False)

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
        return footfall(installation.settings.home, *arguments, FOOTFALL_DATABASE_URL=url, **environment)

    return run


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_command_says_what_it_does(name, command):
    assert command.help
    assert command.help.strip().endswith(".")
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{name}: {parameter.name} says nothing"


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_command_is_documented(name, command):
    assert f"`{name}" in DOCUMENTED
    for parameter in command.params:
        for option in parameter.opts:
            if option.startswith("--") and option != "--help":
                assert option in DOCUMENTED, f"{name} {option}"


def test_no_command_is_documented_that_is_not_there():
    names = {name for name, _ in commands()}
    for written in re.findall(r"^### `(footfall [a-z -]+?)(?: [A-Z\[-].*)?`", DOCUMENTED, re.MULTILINE):
        assert written in names


def test_a_site_is_added_listed_and_its_key_rotated(cli):
    added = cli("site", "add", "blog", "--timezone", "Europe/Berlin", "--origin", "https://blog.example")
    key = re.search(r"ff_\S+", added.stdout)[0]
    listed = cli("site", "list").stdout
    assert "Europe/Berlin" in listed
    assert "https://blog.example" in listed
    assert key not in listed
    assert key[-4:] in listed
    assert re.search(r"ff_\S+", cli("site", "rotate-key", "blog").stdout)[0] != key
    servers = re.search(r"ff_\S+", cli("site", "rotate-key", "blog", "--kind", "server").stdout)[0]
    assert servers[-4:] in cli("site", "list").stdout
    assert "revoked 3 keys" in cli("site", "revoke-key", "blog").stdout


def test_a_site_is_made_cookieless_and_listed_so(cli):
    assert cli("site", "add", "blog", "--identity", "cookieless").returncode == 0
    assert re.search(r"blog +UTC +cookieless", cli("site", "list").stdout)
    assert cli("site", "set", "blog", "--identity", "device").returncode == 0
    assert re.search(r"blog +UTC +device", cli("site", "list").stdout)
    assert cli("site", "set", "blog", "--identity", "cookie").returncode == 2


def test_a_refusal_is_one_clear_message_and_exit_code_1(cli):
    refused = cli("site", "add", "Not A Name")
    assert refused.returncode == 1
    assert "is no site name" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_retention_is_listed_and_set(cli, installation):
    assert cli("retention", "set", "raw_events", "never").returncode == 0
    assert cli("retention", "set", "rejects", "7").returncode == 0
    found = dict(rows(installation.engine, "select policy, keep_days from ops.retention_policies"))
    assert found["raw_events"] is None
    assert found["rejects"] == 7
    assert "never pruned" in cli("retention", "list").stdout
    assert cli("retention", "set", "raw_events", "90", "--kind", "anonymous").returncode == 0
    kept = "select kind, keep_days from ops.retention_policies where policy = 'raw_events' order by 1"
    assert rows(installation.engine, kept) == [("anonymous", 90), ("signed_in", None)]
    refused = cli("retention", "set", "logs", "9", "--kind", "anonymous")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "error: policy logs does not separate kinds of people: leave out --kind\n"
    for wrong in (("raw_events", "0"), ("raw_events", "-1"), ("raw_events", "soon"), ("nothing", "7")):
        assert cli("retention", "set", *wrong).returncode != 0


def test_retention_with_a_date_in_doubt_goes_on_when_a_person_confirms_it(cli, installation):
    """Acts: a refusal, a wrong date, the date of today, a wrong date on record that is taken out."""
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("insert into ops.retention_runs (run_date) values (current_date - 21)")
    ((today, last),) = rows(installation.engine, "select current_date, max(run_date) from ops.retention_runs")
    refused = cli("retain")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"today is {today}" in refused.stderr
    assert f"retention last ran on {last}" in refused.stderr
    assert cli("retain", "--confirm-today", str(last)).returncode == 1
    assert cli("retain", "--confirm-today", str(today)).stdout == "nothing is due\n"
    assert cli("retain").returncode == 0
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("insert into ops.retention_runs (run_date) values (current_date + 400)")
    ((wrong,),) = rows(installation.engine, "select max(run_date) from ops.retention_runs")
    assert f"footfall retention forget {wrong}" in cli("retain").stderr
    assert f"footfall retention forget {wrong}" in cli("doctor").stdout
    assert cli("retention", "forget", str(wrong)).returncode == 1
    assert cli("retain").returncode == 1
    assert cli("retention", "forget", str(wrong), "--yes").returncode == 0
    assert cli("retain").returncode == 0


def test_in_a_narrow_terminal_each_question_stands_beside_its_name(cli):
    listed = cli("ask", COLUMNS="80").stdout.splitlines()
    assert max(map(len, listed)) <= 80
    for name, text in questions().items():
        assert [line.split()[1] for line in listed if line.startswith(f"{name} ")] == [text.split()[0]]


def test_the_shell_completes_commands_and_the_names_of_questions(tmp_path):
    program = [str(Path(sys.executable).with_name("footfall"))]
    for typed, completed in (("rej", "rejects"), ("ask traffic", "traffic_sources"), ("site che", "check")):
        words = {"COMP_WORDS": f"footfall {typed}", "COMP_CWORD": str(len(typed.split()))}
        done = footfall(tmp_path, program=program, _FOOTFALL_COMPLETE="complete_bash", **words)
        assert done.stdout.split() == [completed], done.stderr


def test_psql_is_the_read_only_analyst(cli):
    asked = cli("psql", "-At", "-c", "select current_user, count(*) from ops.landed_files")
    assert asked.stdout.strip() == "footfall_analyst|0", asked.stderr
    assert cli("psql", "-v", "ON_ERROR_STOP=1", "-c", "delete from ops.landed_files").returncode != 0
    assert "permission denied" in cli("psql", "-c", "select * from raw.events").stderr


def test_before_the_first_night_every_command_says_what_to_do_next(cli, installation, landing):
    """Acts: no event, and one that is loaded."""
    prepare_database(installation.settings)
    step = "no event is loaded yet: footfall site check shop says what arrives and what is refused;"
    asked = cli("ask", "summary")
    assert (asked.returncode, f"no rows\n  nothing is published yet: {step}" in asked.stdout) == (0, True), asked.stdout
    for arguments in (
        ("ask", "summary", "--csv"),
        ("metrics", "query", "--metrics", "sessions"),
        ("export", "sessions"),
    ):
        empty = cli(*arguments)
        assert empty.returncode == 0, empty.stderr
        assert f"nothing is published yet: {step}" in empty.stderr
    assert f"Next: {step}" in cli("status").stdout
    assert f"Next: {step}" in cli("nightly").stdout
    landing.land(event("2026-11-02 09:00"))
    assert cli("load").returncode == 0
    assert "Next: 1 events wait for their first night: footfall nightly" in cli("status").stdout


def test_native_events_are_imported_loaded_and_published(cli, tmp_path):
    file = tmp_path / "history.ndjson"
    file.write_text(
        '{"event_name":"page_viewed","anonymous_id":"d1","client_timestamp":"2026-11-02T09:00:00Z","page_url":"/a"}\n'
        '{"event_name":"page_viewed","anonymous_id":"d1","client_timestamp":"yesterday","page_url":"/b"}\n'
    )
    assert "1 events, 1 rejects" in cli("import", "events", str(file), "--site", "shop").stdout
    assert "1 loaded, 0 duplicate, 1 rejected" in cli("nightly").stdout
    asked = cli("psql", "-At", "-c", "select site_id, landing_page from sessions")
    assert asked.stdout.strip() == "shop|/a"


def test_a_file_of_another_format_is_refused(cli, tmp_path):
    file = tmp_path / "iis.log"
    file.write_text("#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n2026-05-17 10:05:03\n")
    cli("site", "add", "shop")
    refused = cli("import", "access-log", str(file), "--site", "shop", "--host", "shop.example")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "looks like a W3C extended log (IIS, CloudFront)" in " ".join(refused.stderr.split())


def test_a_sites_options_are_set_shown_unset_and_refused_with_what_they_take(cli):
    """Acts: a site with a currency, two options, one of them unset, refusals."""

    def shown():
        """Option → value, default."""
        lines = (re.split(r"  +", line.strip()) for line in cli("site", "show", "blog").stdout.splitlines())
        return {cells[0]: tuple(cells[1:3]) for cells in lines if len(cells) >= 3}

    assert cli("site", "add", "blog", "--currency", "eur").returncode == 0
    done = cli("site", "set", "blog", "--option", "top_n=3", "--option", "key_events=review_posted")
    assert done.stdout == "blog: the next night builds 0 days again\n"
    found = shown()
    assert (found["currency"], found["top_n"]) == (("EUR", "–"), ("3", "10"))
    own, default = found["key_events"]
    assert (own, default.split(", ")[0]) == ("review_posted", "user_signed_up")
    assert found["own_subdomains"] == ("true", "true")
    assert cli("site", "set", "blog", "--unset", "top_n").returncode == 0
    assert shown()["top_n"] == ("10", "10")
    assert cli("site", "set", "blog", "--currency", "EUR").stdout == "blog: nothing changed\n"
    for given, why in {
        ("--option", "timeout=3"): "'timeout' is no option of a site; there are session_timeout_minutes",
        ("--option", "top_n=0"): "top_n=0: top_n takes a whole number from 1 to 1,000",
        ("--currency", "euro"): "currency=euro: currency takes three letters, such as EUR",
        ("--unset", "timeout"): "'timeout' is no option of a site",
    }.items():
        refused = cli("site", "set", "blog", *given)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert why in refused.stderr
    assert "there is no site shpo" in cli("site", "set", "shpo", "--option", "top_n=3").stderr


def test_importing_for_an_unknown_site_names_the_fix(cli, tmp_path):
    file = tmp_path / "history.ndjson"
    file.touch()
    refused = cli("import", "events", str(file), "--site", "shpo")
    assert refused.returncode == 1
    assert "footfall site add shpo" in refused.stderr


def test_a_damaged_file_of_history_is_one_clear_message(cli, tmp_path):
    file = tmp_path / "history.ndjson.gz"
    file.write_bytes(gzip.compress(b"{}\n")[:-9])
    refused = cli("import", "events", str(file), "--site", "shop")
    assert refused.returncode == 1
    assert "unreadable after line" in refused.stderr.replace("\n", " ")
    assert "Traceback" not in refused.stderr


def test_a_database_that_does_not_answer_is_said_plainly(tmp_path):
    refused = footfall(tmp_path, "status", FOOTFALL_DATABASE_URL="postgresql://nobody:x@127.0.0.1:1/none")
    assert "does not answer" in refused.stdout
    failed = footfall(tmp_path, "load", FOOTFALL_DATABASE_URL="postgresql://nobody:x@127.0.0.1:1/none")
    assert failed.returncode == 1
    assert "the database does not answer" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_nothing_starts_while_others_may_read_a_secret(cli, installation):
    """Acts: a key that others may read, the key closed to them."""
    key = installation.settings.home / "secrets" / "contact_key"
    read_or_create(key)
    key.chmod(0o644)
    refused = cli("up", "--detach")
    assert refused.returncode == 1
    assert f"chmod 600 {key}" in refused.stderr.replace("\n", "")
    assert not (installation.settings.home / "run").exists()
    examined = cli("doctor").stdout
    assert "✗ secrets are readable by their owner only" in examined
    key.chmod(0o600)
    assert cli("load").returncode == 0
    assert "✓ secrets are readable by their owner only" in cli("doctor").stdout


OPENS_NO_DATABASE = {
    "footfall down",
    "footfall alarm test",
    "footfall service install",
    "footfall service status",
    "footfall service remove",
}
NEEDED = {
    "day": "2026-11-02",
    "days": "9",
    "action": "export",
    "address": "/sites/shop/overview",
    "part": "database",
    "question": "summary",
}
"""What a command is given, so that it begins; others take the name of a file that is there."""


ONE_OF_THEM = {
    "footfall site set": ["--currency", "EUR"],
    "footfall token add": ["--all-sites"],
    "footfall goal add": ["--event", "newsletter"],
}
"""Commands that want one of several options."""


def test_every_command_refuses_a_database_of_newer_programs_and_of_older_ones_and_names_both_versions(
    installation, tmp_path
):
    """Only `upgrade` and `restore` take one of older programs; they are tried in tests/footfall/backup."""
    (tmp_path / "a").touch()
    backup = next((PROJECT / "tests" / "data").glob("backup-*/2*"))
    others = {"footfall restore": ["restore", str(backup)], "footfall upgrade": ["upgrade"]}
    given = {
        name: [*name.split()[1:], *required(command, str(tmp_path / "a")), *ONE_OF_THEM.get(name, [])]
        for name, command in commands()
        if name not in OPENS_NO_DATABASE | others.keys()
    }
    require_refused(installation, "9999", rf"and this Footfall \(\S+\) knows versions up to {newest()}", given | others)
    require_refused(installation, "0035", rf"and this Footfall \(\S+\) needs {newest()}: .* `footfall upgrade`", given)


def required(command, file):
    for parameter in command.params:
        if parameter.required or parameter.name in ("user", "question"):
            option = next((each for each in parameter.opts if each.startswith("--")), None)
            yield from [option] if option else []
            yield NEEDED.get(parameter.name, file)


def require_refused(installation, schema_version, message, given):
    with installation.engine.begin() as connection:
        connection.exec_driver_sql(f"update public.alembic_version set version_num = '{schema_version}'")
    printed = dict(zip(given, walk(installation, *given.values()), strict=True))
    said = {name: " ".join(text.replace("│", "").split()) for name, text in printed.items()}
    expected = f"of schema version {schema_version}, {message}"
    assert {name: text for name, text in said.items() if not re.search(expected, text)} == {}


def test_superset_is_not_installed_for_a_site_that_is_not_there(cli, installation):
    refused = cli("superset", "up", "--site", "nowhere")
    assert (refused.returncode, "there is no site nowhere" in refused.stderr) == (1, True)
    assert not (installation.settings.home / "superset").exists()


def test_doctor_names_what_is_wrong_and_the_fix(cli):
    examined = cli("doctor")
    assert examined.returncode == 1
    assert "✗ collector runs" in examined.stdout
    assert "footfall up --detach" in examined.stdout
    assert "✓ the database answers" in examined.stdout
    assert "✓ there is no backup; none is made by itself: setting backup_hour" in examined.stdout
    assert "✗ there is no backup" in cli("doctor", FOOTFALL_BACKUP_HOUR="4").stdout


def test_a_backup_is_made_and_put_back_only_when_asked_to(cli, installation, landing, tmp_path):
    """Acts: a backup, a restore without --yes, one with it, the replay."""
    landing.land(event("2026-11-02 09:00"))
    assert "1 loaded" in cli("load").stdout
    made = cli("backup", str(tmp_path / "backups"), "--keep", "1")
    assert made.returncode == 0, made.stderr
    (folder,) = (path for path in (tmp_path / "backups").iterdir() if path.is_dir())
    assert f"{folder.name}: 1 loaded events" in made.stdout
    landing.land(event("2026-11-03 09:00"))
    assert "1 loaded" in cli("load").stdout
    refused = cli("restore", str(folder))
    assert refused.returncode == 1
    assert "1 files were loaded since the backup; all of them are still here" in refused.stdout
    assert "with --yes the backup takes its place" in refused.stderr
    assert rows(installation.engine, "select count(*) from raw.events") == [(2,)]
    assert "choose one" in cli("restore", str(tmp_path / "backups")).stderr
    installation.dispose()
    restored = cli("restore", str(folder), "--yes")
    assert restored.returncode == 0, restored.stderr
    assert "1 files wait to be loaded" in restored.stdout
    assert "1 loaded" in cli("load").stdout
    assert rows(installation.engine, "select count(*) from raw.events") == [(2,)]
