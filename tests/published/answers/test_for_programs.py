"""What scripts read at the command line: one document, nothing beside it, and the values of the API."""

import csv
import io
import json

import msgspec

from footfall.answers.questions import answer, parameters, questions


def document(done, code=0):
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_an_answer_as_json_has_the_rows_and_their_types(published, command):
    given = ("--days", "0", "--site", "shop", "--json")
    for name in ("revenue", "summary", "recent_sessions"):
        columns, rows = answer(published, name, parameters({"days": 0, "site": "shop"}))
        encoded = msgspec.json.Encoder(decimal_format="number").encode(
            [dict(zip(columns, row, strict=True)) for row in rows]
        )
        assert document(command("ask", name, *given)) == {"question": name, "rows": json.loads(encoded)}
    listed = document(command("ask", "--json"))
    assert {row["name"]: row["question"] for row in listed["rows"]} == questions()


def test_an_answer_as_csv_has_the_rows_alone(published, command):
    columns, rows = answer(published, "top_events", parameters({"days": 0}))
    for option in ("--csv", "--for-spreadsheet"):
        done = command("ask", "top_events", "--days", "0", option)
        assert list(csv.reader(io.StringIO(done.stdout))) == [list(columns), *([*map(str, row)] for row in rows)]
    refused = command("ask", "top_events", "--csv", "--json")
    assert (refused.returncode, refused.stdout) == (1, "")


def test_status_and_doctor_say_the_same_to_programs(command):
    status = document(command("status", "--json"))
    assert status.keys() == {"processes", "problem", "data", "sites", "warnings", "next"}
    assert status["problem"] is None
    assert {"postgres", "collector", "serving"} <= {process["name"] for process in status["processes"]}
    (loaded,) = [each for each in status["data"] if each["what"] == "loaded events"]
    assert loaded["amount"] > 0
    shown = command("doctor")
    found = document(command("doctor", "--json"), shown.returncode)
    assert found["ok"] is (shown.returncode == 0) is all(finding["ok"] for finding in found["findings"])
    assert len(found["findings"]) == sum(line[:1] in "✓✗" for line in shown.stdout.splitlines() if line)
