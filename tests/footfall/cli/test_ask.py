"""How answers look."""

import pytest

from footfall.cli.ask import parts


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
