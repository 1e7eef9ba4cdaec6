"""Rows in the formats that programs and people read."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from footfall.answers.formats import Format, written

FORMULAS = ["=1+1", "+1", "-1+cmd", "@sum", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＋1", "﹣1", "＠x", "−1", "\u200b=1"]
TEXTS = ["", "a=1", "1", "'=1", 'say "x", y', "a\nb", "é✓"]


def as_csv(rows, **given):
    return written(Format.CSV, {}, ["value"], [[row] for row in rows], **given)


def read(content):
    return [row[0] if row else "" for row in csv.reader(io.StringIO(content.decode(), newline=""))][1:]


def test_a_program_gets_every_text_as_it_is():
    assert read(as_csv([*FORMULAS, *TEXTS])) == [*FORMULAS, *TEXTS]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_spreadsheet_gets_no_text_that_it_would_execute(formula):
    (found,) = read(as_csv([formula], for_spreadsheet=True))
    assert found.startswith("'")


def test_a_spreadsheet_gets_numbers_and_dates_as_they_are_and_json_as_text():
    values = [-5, Decimal("-1.50"), date(2026, 11, 2), datetime(2026, 11, 2, 9, tzinfo=UTC), None, {"a": "=1"}]
    found = read(as_csv(values, for_spreadsheet=True))
    assert found == ["-5", "-1.50", "2026-11-02", "2026-11-02 09:00:00+00:00", "", '{"a": "=1"}']
    assert b"\r\n-5\r\n-1.50\r\n" in as_csv(values, for_spreadsheet=True)
