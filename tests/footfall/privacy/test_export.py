"""An export is whole, readable by its owner only, and inert in a spreadsheet."""

import csv
import json
import stat

from footfall.privacy import requests as privacy
from runtime.display import shown
from tests.support.events import event
from warehouse.privacy.person import Subject

FORMULAS = [
    *('=HYPERLINK("https://evil.example")', "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"),
    *("＝1", "＋1", "－1", "＠SUM(A1)", " =1", "\ufeff=1"),
]


def test_an_export_says_the_same_in_json_and_csv_and_only_its_owner_can_open_it(installation, landing):
    given = {f"key {number}": formula for number, formula in enumerate(FORMULAS)}
    for number, formula in enumerate(FORMULAS):
        landing.land(
            event("2026-11-02 09:00", event_id=f"e{number}", user_id="ann", page_title=formula, properties=given)
        )
    landing.land(event("2026-11-02 09:00", "d2", event_id="other", user_id="bea"))
    asked = privacy.request(installation, "export", Subject("shop", "user", "ann"))
    folder = installation.settings.home / "exports" / privacy.carry_out(installation, asked, lambda line: None).folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    reported = json.loads((folder / "person.json").read_text())["places"]
    assert sorted(each["page_title"] for each in reported["raw.events"]) == sorted(FORMULAS)
    assert reported["raw.events"][0]["properties"] == given
    assert len(reported["landing/loaded"]) == len(FORMULAS)
    with (folder / "raw.events.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["page_title"] for row in rows) == sorted(f"'{shown(formula)}" for formula in FORMULAS)
    assert {path.name for path in folder.iterdir()} == {
        *("README.txt", "person.json", "raw.events.csv", "raw.visitor_hashes.csv", "landing.loaded.csv"),
    }
