"""Contacts: found in two events only, in the vault as often as their event is in raw, elsewhere a keyed hash."""

import hashlib
import hmac
import logging
import os
import signal
from datetime import UTC, datetime, timedelta
from itertools import permutations

import msgspec
import pytest

from footfall.pipeline import night
from ingestion.event.validate import Landed
from ingestion.load.contacts import Contacts, normalise_email, normalise_phone
from ingestion.load.loader import load_sealed
from tests.support.balance import require_balance
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.ingestion.loads import crafted, drop_by_hand, finish, reasons, spawn
from warehouse.access.sites import add_site

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
VAULT = "select event_id, event_name, email, phone, name, traits, contact_hash from ops.contact_vault order by event_id"


@pytest.fixture
def landing(tmp_path):
    return Landing(tmp_path / "landing")


@pytest.fixture
def load(engine, landing):
    with engine.begin() as connection:
        add_site(connection, "shop")

    def load(*batches):
        for batch in batches:
            landing.land(*batch)
            load_again()

    def load_again():
        load_sealed(engine, landing.folder, None, landing.folder.parent / "contact_key", 1).raise_for_refused()
        require_balance(engine)
        require_vault(engine)

    load.again = load_again
    return load


def require_vault(engine):
    """Every row of the vault is of an event in raw, with the same hash."""
    assert (
        rows(
            engine,
            "select v.event_id from ops.contact_vault v left join raw.events e using (file_id, line_number)"
            " where (v.site_id, v.event_id, v.event_date, v.occurred_at, v.event_name, v.user_id, v.contact_hash)"
            " is distinct from"
            " (e.site_id, e.event_id, e.event_date, e.occurred_at, e.event_name, e.user_id, e.contact_hash)",
        )
        == []
    )


def left(event_name="payment_failed", /, at=NOON, event_id="one", received_at=None, **properties):
    return event(at, name=event_name, event_id=event_id, received_at=received_at or NOON, properties=properties)


def hash_of(landing, text):
    key = (landing.folder.parent / "contact_key").read_bytes()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def hashes(engine):
    return [found for (found,) in rows(engine, "select contact_hash from raw.events order by event_id")]


# What is a contact -------------------------------------------------------------------------------


def test_a_failed_payment_leaves_address_and_number_and_nothing_else(engine, landing, load):
    load([left(email="Ann@Shop.example", phone="+49 170 1234567", error_code="declined")])
    known = hash_of(landing, "ann@shop.example")
    assert rows(engine, VAULT) == [
        ("one", "payment_failed", "Ann@Shop.example", "+49 170 1234567", None, {}, known),
    ]
    assert hashes(engine) == [known]


def test_an_identified_user_leaves_everything_else_as_traits(engine, landing, load):
    load([left("user_identified", email="a@b.c", name="Ann", plan="gold", size={"cm": 1.5, "n": 2**62})])
    assert rows(engine, VAULT) == [
        (
            *("one", "user_identified", "a@b.c", None, "Ann"),
            *({"plan": "gold", "size": {"cm": 1.5, "n": 2**62}}, hash_of(landing, "a@b.c")),
        )
    ]


def test_other_events_leave_no_contact(engine, load, landing):
    load([left("payment_succeeded", email="a@b.c"), left("page_viewed", event_id="two", email="a@b.c")])
    assert rows(engine, VAULT) == []
    assert hashes(engine) == [None, None]
    assert not (landing.folder.parent / "contact_key").exists()


def test_an_event_without_a_contact_leaves_no_row(engine, load):
    load([left(error_code="declined", email=" ", phone=None), left("user_identified", event_id="two")])
    assert rows(engine, VAULT) == []


def test_the_hash_needs_an_address_or_a_number(engine, load):
    load([left("user_identified", name="Ann", email="none", phone="1234")])
    assert rows(engine, "select name, contact_hash from ops.contact_vault") == [("Ann", None)]
    assert hashes(engine) == [None]


@pytest.mark.parametrize("spelling", ["a@b.c", " A@B.c ", "A@b.C\t"])
def test_spellings_of_one_address_are_one(spelling):
    assert normalise_email(spelling) == "a@b.c"


@pytest.mark.parametrize("spelling", ["+4917012345", " +49 (170) 123-45", "+49.170.12345"])
def test_spellings_of_one_number_are_one(spelling):
    assert normalise_phone(spelling) == "+4917012345"


@pytest.mark.parametrize("nothing", [None, "", "+", "1234", "call me"])
def test_a_number_without_five_digits_is_none(nothing):
    assert normalise_phone(nothing) is None


def test_the_address_counts_before_the_number(engine, landing, load):
    load([left(email="a@b.c", phone="12345"), left(event_id="two", phone="12 345")])
    assert hashes(engine) == [hash_of(landing, "a@b.c"), hash_of(landing, "12345")]


def test_the_key_is_made_once_for_its_owner_only_and_another_key_gives_another_hash(tmp_path):
    landed = msgspec.json.decode(crafted(event_name="payment_failed", properties={"email": "a@b.c"}), type=Landed)
    one, again, other = (Contacts(tmp_path / name).of(landed).contact_hash for name in ("k1", "k1", "k2"))
    assert one == again != other
    assert (tmp_path / "k1").stat().st_mode & 0o777 == 0o600


# Exactly once ------------------------------------------------------------------------------------


def test_a_resent_event_leaves_one_row(engine, load):
    load([left(email="a@b.c"), left(email="a@b.c", received_at=NOON + MINUTE)], [left(email="a@b.c")])
    assert len(rows(engine, VAULT)) == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_conflicting_copies_the_vault_keeps_that_of_the_event_that_stays(engine, load, order):
    copies = [left(email=f"{n}@b.c", received_at=NOON + n * MINUTE) for n in range(3)]
    load(*[[copies[n]] for n in order])
    assert rows(engine, "select email from ops.contact_vault") == [("0@b.c",)]


def test_of_conflicting_copies_in_one_file_too(engine, load):
    load([left(email=f"{n}@b.c", received_at=NOON + n * MINUTE) for n in (2, 0, 1)])
    assert rows(engine, "select email from ops.contact_vault") == [("0@b.c",)]


def test_a_conflict_without_a_contact_takes_out_the_one_with(engine, load):
    load([left(email="a@b.c", received_at=NOON + MINUTE)], [left()])
    assert rows(engine, VAULT) == []


def test_an_id_used_again_days_later_leaves_a_contact_of_its_own(engine, load):
    later = NOON + timedelta(days=2)
    load([left(email="a@b.c")], [left(email="d@e.f", at=later, received_at=later)])
    assert rows(engine, "select email from ops.contact_vault order by 1") == [("a@b.c",), ("d@e.f",)]


def test_a_load_killed_before_its_commit_leaves_nothing_and_its_retry_all(engine, landing, load):
    landing.land(left(email="a@b.c"))
    code, said = finish(spawn(engine, landing, FOOTFALL_FAIL_AT="load:before_commit"))
    assert code == -signal.SIGKILL, said
    assert rows(engine, VAULT) == []
    load.again()
    assert len(rows(engine, VAULT)) == 1


# Hostile values ----------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [{"a": 1}, ["a@b.c"], 1, True, None])
def test_what_is_no_text_is_no_contact(engine, load, value):
    load([left(email=value, phone=value), left("user_identified", event_id="two", email=value, name="Ann")])
    assert hashes(engine) == [None, None]
    assert rows(engine, "select event_name, email, name, traits from ops.contact_vault") == [
        ("user_identified", None, "Ann", {"email": value})
    ]


@pytest.mark.parametrize("bad", [rb"a\u0000@b.c", rb"a\ud800@b.c"])
@pytest.mark.parametrize("field", [b"email", b"plan"])
def test_what_no_database_stores_costs_its_own_row(engine, landing, load, bad, field):
    hostile = crafted(event_name="user_identified", event_id="bad", properties={"email": "x@y.z"})
    hostile = hostile.replace(b'"email":"x@y.z"', b'"email":"x@y.z","%s":"%s"' % (field, bad))
    drop_by_hand(landing, hostile + crafted(event_name="payment_failed", properties={"email": "a@b.c"}))
    load.again()
    assert reasons(engine) in (["refused_by_database"], ["corrupt_line"])
    assert rows(engine, "select email from ops.contact_vault") == [("a@b.c",)]


def test_texts_are_cut_but_their_hash_is_not(engine, landing, load):
    long = "x" * 500_000 + "@b.c"
    drop_by_hand(landing, crafted(event_name="payment_failed", properties={"email": long, "name": long}))
    load.again()
    assert rows(engine, "select length(email), length(name), contact_hash from ops.contact_vault") == [
        (320, 256, hash_of(landing, long))
    ]


# Nowhere else ------------------------------------------------------------------------------------


def test_contacts_are_nowhere_but_in_raw_and_the_vault(installation, caplog):
    caplog.set_level(logging.DEBUG)
    landing = Landing(installation.settings.landing)
    secret = {"email": "ann.zq7secret@b.example", "phone": "+49 170 55512345", "name": "Ann Zq7Secretson"}
    landing.land(
        event("2026-11-02 09:00", name="checkout_started", properties={"checkout_id": "c1"}),
        event("2026-11-02 09:01", name="payment_failed", properties={"checkout_id": "c1", **secret}),
        event("2026-11-02 09:02", name="user_identified", user_id="ann", properties=secret),
    )
    night.nightly(installation, say=lambda line: None)
    tables = rows(
        installation.engine,
        "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where c.relkind in ('r', 'v') and n.nspname in ('staging', 'intermediate', 'audit', 'marts', 'live', 'ops')",
    )
    holders = {
        table
        for (table,) in tables
        for (content,) in rows(installation.engine, f"select coalesce(string_agg(t::text, ' '), '') from {table} t")
        if any(part in content for part in ("zq7secret", "55512345", "Zq7Secretson"))
    }
    readers = {"live.profile_contacts", "live.payment_contacts"}
    readers |= {"marts.session_contacts", "marts.customer_contacts", "marts.payment_error_contacts"}
    assert holders == {"ops.contact_vault", *readers}
    said = caplog.text + "".join(
        path.read_text(errors="replace") for path in installation.settings.logs.rglob("*") if path.is_file()
    )
    assert not any(part in said for part in secret.values())


def test_the_embedded_servers_log_quotes_no_rows(engine, landing, load, tmp_path_factory):
    if "FOOTFALL_TEST_DATABASE_URL" in os.environ:
        pytest.skip("a server of one's own")
    hostile = crafted(event_name="payment_failed", properties={"email": "hidden@b.example", "x": "?"})
    drop_by_hand(landing, hostile.replace(b'"x":"?"', rb'"x":"\u0000"'))
    load.again()
    assert reasons(engine) == ["refused_by_database"]
    logs = list(tmp_path_factory.getbasetemp().glob("server*/postgres/postgres.log"))
    assert logs
    assert not any("hidden@b.example" in log.read_text(errors="replace") for log in logs)
