"""How answers look."""

from datetime import date
from decimal import Decimal

import pytest

from footfall.cli.ask import divided, parts, series, sparkline


@pytest.mark.parametrize(
    ("width", "divided"),
    [
        (70, [[0, 1, 2, 3, 4]]),
        (69, [[0, 1, 2, 3], [0, 1, 4]]),
        (40, [[0, 1, 2], [0, 1, 3], [0, 1, 4]]),
        (10, [[0, 1, 2], [0, 1, 3], [0, 1, 4]]),
    ],
)
def test_a_table_wider_than_the_terminal_is_divided_and_each_part_begins_with_the_names(width, divided):
    assert parts([10, 10, 20, 20, 10], 2, width) == divided


def test_names_alone_are_one_part():
    assert parts([10, 10], 2, 10) == [[0, 1]]
    assert parts([], 0, 80) == [[]]


def test_where_names_leave_no_room_for_a_figure_the_rows_are_numbered_and_no_heading_is_broken():
    """Four names of 10 and a figure of 13 characters, each with a gap of two."""
    columns = ["site_id", "channel", "source", "medium", "session_count"]
    rows = [["s" * 10, "c" * 10, "o" * 10, "m" * 10, 5], ["t" * 10, "d" * 10, "p" * 10, "n" * 10, 4]]
    assert divided(columns, rows, 63) == [(columns, rows)]
    first, second = divided(columns, rows, 62)
    assert first == (["row", *columns[:4]], [[1, *rows[0][:4]], [2, *rows[1][:4]]])
    assert second == (["row", "session_count"], [[1, 5], [2, 4]])


def test_figures_of_days_are_drawn_from_nothing_to_the_greatest_in_the_order_of_days():
    assert sparkline([0, 1, 2, 4]) == "▁▂▄█"
    assert sparkline([Decimal("0.5"), None, Decimal(1)]) == "▄ █"
    assert sparkline([0, 0]) == "▁▁"
    assert len(sparkline(range(400))) == 31
    rows = [("shop", date(2026, 11, day), day, None, True) for day in (3, 1, 2)]
    assert series(["site_id", "event_date", "n", "x", "is_final"], rows) == [("shop n", "▃▅█", 1, 3)]


def test_only_an_answer_with_one_row_a_day_is_a_series():
    columns, day = ["site_id", "event_date", "page_path", "n"], date(2026, 11, 1)
    assert series(columns, [("shop", day, path, 1) for path in ("/a", "/b", "/c")]) == []
    assert series(["site_id", "n"], [("shop", 1)] * 3) == []
    assert series(["site_id", "event_date", "n"], [("shop", day, 1)]) == []
