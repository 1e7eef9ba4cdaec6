"""What a person sees of strangers' text: every character of it, and nothing of it acts."""

import csv
import io
import json
import sys
import unicodedata
from datetime import date
from decimal import Decimal

import pytest

from runtime.display import CsvWriter, cell, shown, shown_json, shown_lines
from tests.support.strangers import EVIL, acting

ALL = [chr(code) for code in range(sys.maxunicode + 1)]
SIGNS = [char for char in ALL if unicodedata.normalize("NFKC", char)[:1] in set("=+-@")]


@pytest.mark.parametrize(
    "text", ["", "a", "Prix\u202f: 10\xa0€", "日本語", "emoji 🎉", r"C:\temp", "e\u0301", "שלום", "\u3000"]
)
def test_what_a_person_wrote_is_shown_as_it_is(text):
    assert shown(text) == text


@pytest.mark.parametrize(
    ("char", "escape"),
    [
        *[("\x00", r"\x00"), ("\x1b", r"\x1b"), ("\x7f", r"\x7f"), ("\x9b", r"\x9b"), ("\x85", r"\x85")],
        *[("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r"), ("\u2028", r"\u2028"), ("\u2029", r"\u2029")],
        *[("\u202e", r"\u202e"), ("\u2066", r"\u2066"), ("\u061c", r"\u061c"), ("\u200b", r"\u200b")],
        *[("\ufeff", r"\ufeff"), ("\ufe0f", r"\ufe0f"), ("\u3164", r"\u3164"), ("\U000e0041", r"\U000e0041")],
        *[("\ud800", r"\ud800"), ("\ue000", r"\ue000")],
    ],
)
def test_what_acts_is_shown_as_its_escape(char, escape):
    assert shown(f"a{char}b") == f"a{escape}b"
    assert shown(shown(f"a{char}b")) == shown(f"a{char}b")


def test_of_all_characters_that_control_turn_or_break_lines_none_is_left():
    left = shown("".join(ALL))
    assert acting(left) | ({"\n"} & set(left)) == set()
    assert left.isascii() is False
    left.encode()


def test_lines_of_ours_stay_lines():
    assert shown_lines("first\n\tsecond\x1b\r\n") == "first\n    second\\x1b\\r\n"


def test_json_is_exact_and_shown():
    value = {EVIL: [EVIL, {"deep": "\ud800\U000e0041"}], "day": date(2026, 11, 1), "amount": 1.5}
    written = shown_json(value)
    assert acting(written) == set()
    assert json.loads(written) == {**value, "day": "2026-11-01"}
    assert "日本" in shown_json({"title": "日本"})


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", ["", " ", "\xa0\u3000", "\ufeff", "\u200b", "\x00\x1b"])
def test_a_formula_is_a_text_in_whatever_form_its_sign_is_written(sign, before):
    assert cell(f"{before}{sign}SUM(A1)") == f"'{shown(before)}{sign}SUM(A1)"


@pytest.mark.parametrize("text", ["\t=1", "\r=1", "\n=1", "\tx", "\rx", "\u2212SUM(A1)"])
def test_so_is_one_after_what_a_spreadsheet_leaves_out(text):
    assert cell(text) == f"'{shown(text)}"


@pytest.mark.parametrize(
    "value", [-1, 1.5, None, True, Decimal("-1.5"), date(2026, 11, 1), "a=1", "", " ", "1-2", "https://shop.example/=1"]
)
def test_numbers_and_other_texts_stay_what_they_are(value):
    assert cell(value) == value


def test_the_signs_that_are_tried_are_those_that_spreadsheets_know():
    assert set("=+-@＝＋－＠﹢﹣﹦﹫") <= set(SIGNS)


ROW = ["a,=1", "a;=1", "a\t=1", "a|=1", 'a"\n=1', 'a";=1', {"=k": "=v"}, -1, None]


def test_a_row_is_read_as_it_was_written():
    file = io.StringIO()
    CsvWriter(file).writerow(ROW)
    (row,) = csv.reader(io.StringIO(file.getvalue()))
    assert row == ["a,=1", "a;=1", r"a\t=1", "a|=1", r'a"\n=1', 'a";=1', '{"=k": "=v"}', "-1", ""]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("value", ROW)
def test_no_text_becomes_a_formula_where_a_spreadsheet_takes_another_character_for_the_separator(value, separator):
    file = io.StringIO()
    CsvWriter(file).writerow([value])
    assert not any(
        part.startswith("=") for row in csv.reader(io.StringIO(file.getvalue()), delimiter=separator) for part in row
    )
