"""The lists of sources: where they are from, whole, and of one mind."""

import csv
import datetime

import pytest
import yaml

from dbt_project.lists.ga4_table import LEAST_SOURCES, TableError, read_table
from runtime.settings import PROJECT

SEEDS = PROJECT / "dbt_project" / "seeds"


def read(name):
    with (SEEDS / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def test_every_list_says_where_it_is_from():
    seeds = yaml.safe_load((SEEDS / "seeds.yml").read_text())["seeds"]
    assert {seed["name"] for seed in seeds} == {path.stem for path in SEEDS.glob("*.csv")}
    for seed in seeds:
        meta = seed["config"]["meta"]
        assert meta["source"], seed["name"]
        assert meta["licence"], seed["name"]
        assert isinstance(meta["as_of"], datetime.date), seed["name"]


def test_ga4s_list_is_whole():
    counted = {"search": 129, "shopping": 52, "social": 592, "video": 46}
    categories = [row["category"] for row in read("ga4_sources")]
    assert {category: categories.count(category) for category in set(categories)} == counted


def test_a_source_has_one_category_and_the_lists_agree():
    ga4 = {row["source"]: row["category"] for row in read("ga4_sources")}
    categories = {}
    for row in read("sources"):
        for name in filter(None, (row["host"], row["source"])):
            assert ga4.get(name, row["category"]) == row["category"], name
        if row["source"]:
            assert categories.setdefault(row["source"], row["category"]) == row["category"], row["source"]
    assert {row["source"] for row in read("click_ids")} <= categories.keys()


@pytest.mark.parametrize(("name", "column"), [("sources", "host"), ("ga4_sources", "source"), ("go_betweens", "host")])
def test_a_list_has_each_name_once_in_small_letters_and_without_www(name, column):
    names = [row[column] for row in read(name)]
    assert len(set(names)) == len(names)
    assert [each for each in names if each != each.lower().strip() or each.startswith("www.")] == []


TABLE = [f"source{number:03}.example    SOURCE_CATEGORY_SOCIAL" for number in range(LEAST_SOURCES)]


def test_ga4s_table_is_read_as_text_and_as_csv():
    text = read_table("\n".join(["Source    Source category", *TABLE, "Google Shopping SOURCE_CATEGORY_SHOPPING"]))
    assert (len(text), text["google shopping"]) == (LEAST_SOURCES + 1, "shopping")
    assert read_table("\n".join(",".join(line.split()) for line in TABLE)).keys() == text.keys() - {"google shopping"}
    listed = "\n".join(f"{row['source']},SOURCE_CATEGORY_{row['category'].upper()}" for row in read("ga4_sources"))
    assert read_table(listed) == {row["source"]: row["category"] for row in read("ga4_sources")}


@pytest.mark.parametrize(
    "line",
    ["SOURCE_CATEGORY_VIDEO", "new.example SOURCE_CATEGORY_AUDIO", "source001.example SOURCE_CATEGORY_VIDEO"],
)
def test_a_table_that_is_not_understood_whole_is_refused(line):
    with pytest.raises(TableError):
        read_table("\n".join([*TABLE, line]))
    with pytest.raises(TableError, match="only 599"):
        read_table("\n".join(TABLE[1:]))
