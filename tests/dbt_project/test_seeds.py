"""The lists of sources: where they are from, whole, and of one mind."""

import csv
import datetime

import pytest
import yaml

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
