"""A mart that has not decided about itself, or not soundly, is refused with its file, its name and the key."""

from copy import deepcopy

import pytest

from tests.support.marts.contracts import CONTRACTS, marts_of
from warehouse.tables.contracts import ContractError
from warehouse.tables.decisions import Label, People, Retention


def meta(model):
    return model["config"]["meta"]


def column(model, name):
    return next(each for each in model["columns"] if each["name"] == name)


def without(key):
    return lambda model: meta(model).pop(key)


def saying(**said):
    return lambda model: meta(model).update(said)


UNDECIDED = {
    "no people": ("sessions", without("people"), "config.meta: Object missing required field `people`"),
    "no retention": ("sessions", without("retention"), "missing required field `retention`"),
    "no key": ("sessions", without("primary_key"), "missing required field `primary_key`"),
    "no replaced keys": ("sessions", without("replaced_keys"), "missing required field `replaced_keys`"),
    "an unknown key": ("sessions", saying(retain=1), "unknown field `retain`"),
    "another type": ("sessions", saying(headline="visits"), r"Expected `array`, got `str` - at `\$.headline`"),
    "people of another kind": ("sessions", saying(people="some"), r"at `\$.people`"),
    "an unknown key of people": ("sessions", saying(people={"user_id": "x"}), r"unknown field `user_id`.*people"),
    "no person": ("sessions", saying(people={}), "say `user`, `device` or both"),
    "a device at no moment": ("sessions", saying(people={"device": "visitor_id"}), "`device` and `at` go together"),
    "people in figures": ("sessions", saying(people="none", labels={}), "labels says nothing of"),
    "ids in figures": (
        "customer_days",
        saying(people="none", labels={"device_types": "harmless"}),
        "labels says nothing of",
    ),
    "half a retention": (
        "sessions",
        saying(retention={"signed_in": "signed_in_sessions"}),
        "`signed_in` and `anonymous`",
    ),
    "kept for no reason": ("sessions", saying(retention={"kept": ""}), "`kept` with the reason"),
    "a split without a user": (
        "sessions",
        saying(people={"device": "visitor_id", "at": "started_at"}),
        "retention splits by user",
    ),
    "retention without a day": ("visitors", saying(retention="daily_tables"), "retention needs a day: say `by`"),
    "a label unsaid": ("daily_devices", saying(labels={}), "labels says nothing of device_type"),
    "a label of no mart": (
        "daily_page_stats",
        saying(labels={"page_path": {"of": "pages", "counted_by": "views"}}),
        "labels.page_path is of pages, which is no mart of people",
    ),
    "a label of no column": (
        "daily_page_stats",
        saying(labels={"page_path": {"of": "sessions", "counted_by": "views"}}),
        "is of sessions, which has no column page_path",
    ),
    "a label that is not counted": (
        "daily_page_stats",
        saying(labels={"page_path": {"of": "page_views"}}),
        "labels.page_path is in the key: say the column it is `counted_by`",
    ),
    "a label that is counted twice": (
        "daily_devices",
        lambda model: meta(model)["labels"].update(os={"of": "sessions", "counted_by": "visitors"}),
        "must all be `of` one mart",
    ),
    "labels of people's rows": (
        "sessions",
        saying(labels={"city": {"of": "sessions"}}),
        "labels are of marts of figures",
    ),
    "a key without a site": ("sessions", saying(primary_key=["session_id"]), "primary_key must begin with site_id"),
    "a column that is none": ("sessions", saying(indexed_by=[["site_id", "day"]]), "indexed_by names day"),
    "a headline that is no figure": ("daily_stats", saying(headline=["revenue"]), "headline names revenue"),
    "keys of nothing": (
        "sessions",
        saying(replaced_keys="replaced_all"),
        "replaced_keys names replaced_all, which is no model",
    ),
    "a key that may be null": (
        "sessions",
        lambda model: column(model, "session_id").pop("constraints"),
        "column session_id is in primary_key and needs the constraint not_null",
    ),
    "an unknown rule of a column": (
        "sessions",
        lambda model: column(model, "os").update(config={"meta": {"one_of": ["a"]}}),
        "column os: config.meta: Object contains unknown field `one_of`",
    ),
    "no contract": (
        "sessions",
        lambda model: model["config"].update(contract={"enforced": False}),
        "config.contract must be enforced",
    ),
}


@pytest.mark.parametrize(("mart", "change", "why"), UNDECIDED.values(), ids=UNDECIDED)
def test_a_mart_that_has_not_decided_is_refused_by_name(mart, change, why):
    models = deepcopy(CONTRACTS)
    change(next(model for model in models if model["name"] == mart))
    with pytest.raises(ContractError, match=rf"(?s){mart}\.yml: mart {mart}: .*{why}"):
        marts_of(models)


def test_a_mart_cannot_be_called_like_a_view_of_declared_properties():
    models = deepcopy(CONTRACTS)
    next(model for model in models if model["name"] == "daily_funnel")["name"] = "events_by_hour"
    with pytest.raises(ContractError, match="events_by_hour: names that begin with events_ are those of the views"):
        marts_of(models)


def test_people_named_in_a_mart_of_figures_are_refused():
    models = deepcopy(CONTRACTS)
    figures = next(model for model in models if model["name"] == "daily_funnel")
    figures["columns"].append({"name": "user_id", "data_type": "text", "config": {"meta": {"values": ["ann"]}}})
    with pytest.raises(ContractError, match="people is none, but user_id names people"):
        marts_of(models)


def test_all_objections_to_all_marts_are_reported_at_once():
    models = deepcopy(CONTRACTS)
    for name in ("sessions", "orders"):
        saying(indexed_by=[["nothing"]], headline=["nowhere"])(next(each for each in models if each["name"] == name))
    with pytest.raises(ContractError) as refusal:
        marts_of(models)
    assert [line.partition(".yml: ")[2] for line in str(refusal.value).splitlines()] == [
        f"mart {name}: {key} names {column}, which is no column"
        for name in ("orders", "sessions")
        for key, column in (("indexed_by", "nothing"), ("headline", "nowhere"))
    ]


def test_what_a_yml_decides_is_what_the_mart_says():
    marts = {mart.name: mart for mart in marts_of(CONTRACTS)}
    assert marts["sessions"].people == People(user="user_id", device="visitor_id", at="started_at")
    assert marts["daily_stats"].people is None
    assert marts["daily_stats"].retention == Retention(policy="daily_tables")
    assert marts["customers"].retention.kept
    assert marts["daily_stats"].labels["utm_sources"] == Label(of="sessions", column="utm_source")
    assert "revenue" not in marts["daily_stats"].labels
    assert {"visits", "orders"} <= set(marts["daily_stats"].figures)
    assert marts["sessions"].policies == {"anonymous_sessions", "signed_in_sessions", "ip_addresses"}
