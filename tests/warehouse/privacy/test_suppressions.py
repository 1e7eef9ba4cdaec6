"""Database and landing zone both know the suppressed people, whichever of them is restored from a backup."""

from datetime import UTC, datetime

import pytest

from runtime.secrets import SecretsError
from tests.support.database import rows
from warehouse.privacy.suppressions import (
    Suppression,
    lift,
    make_key,
    merge_suppressions,
    read_key,
    read_suppressions,
    subject_hash,
    suppress,
)

NOW = datetime(2026, 11, 2, tzinfo=UTC)
ANN = Suppression("shop", "user", "a", "a", NOW)
PHONE = Suppression("shop", "device", "p", "a", NOW)
BEA = Suppression("shop", "user", "b", "b", NOW)


def known(engine):
    with engine.connect() as connection:
        return {each.subject_hash: each.lifted_at is not None for each in read_suppressions(connection)}


def change(engine, what, *given):
    with engine.begin() as connection:
        return what(connection, *given)


def test_an_older_database_learns_from_the_landing_zone(engine, tmp_path):
    change(engine, suppress, tmp_path, [ANN, PHONE, BEA])
    change(engine, lift, tmp_path, "shop", "b")
    change(engine, lambda connection: connection.exec_driver_sql("truncate ops.suppressions"))
    assert change(engine, merge_suppressions, tmp_path) == 3
    assert known(engine) == {"a": False, "p": False, "b": True}
    assert change(engine, merge_suppressions, tmp_path) == 0


def test_a_lost_landing_zone_learns_from_the_database(engine, tmp_path):
    change(engine, suppress, tmp_path / "old", [ANN])
    change(engine, merge_suppressions, tmp_path / "new")
    assert (tmp_path / "new" / "suppressions.ndjson").read_bytes() == (
        tmp_path / "old" / "suppressions.ndjson"
    ).read_bytes()


def test_a_line_that_a_killed_process_left_torn_is_cut_off(engine, tmp_path):
    change(engine, suppress, tmp_path, [ANN])
    with (tmp_path / "suppressions.ndjson").open("ab") as file:
        file.write(b'{"site_id":"sh')
    assert change(engine, merge_suppressions, tmp_path) == 0
    change(engine, suppress, tmp_path, [BEA])
    change(engine, lambda connection: connection.exec_driver_sql("truncate ops.suppressions"))
    change(engine, merge_suppressions, tmp_path)
    assert known(engine) == {"a": False, "b": False}


def test_devices_are_lifted_with_their_user_and_kept_out_again_with_them(engine, tmp_path):
    change(engine, suppress, tmp_path, [ANN, PHONE, BEA])
    assert change(engine, lift, tmp_path, "blog", "a") == 0
    assert change(engine, lift, tmp_path, "shop", "a") == 2
    assert known(engine) == {"a": True, "p": True, "b": False}
    change(engine, suppress, tmp_path, [ANN, PHONE])
    assert known(engine) == {"a": False, "p": False, "b": False}
    assert rows(engine, "select count(*) from ops.suppressions") == [(3,)]


def test_a_hash_distinguishes_sites_and_kinds_and_nothing_without_the_key():
    key = b"one"
    hashes = {
        subject_hash(key, "shop", "user", "ann"),
        subject_hash(key, "blog", "user", "ann"),
        subject_hash(key, "shop", "device", "ann"),
        subject_hash(b"two", "shop", "user", "ann"),
    }
    assert len(hashes) == 4


@pytest.mark.parametrize("remembering", ["the database", "the landing zone"])
def test_a_lost_key_is_not_replaced_by_a_new_one_that_knows_no_one(engine, tmp_path, remembering):
    key = tmp_path / "suppression_key"
    assert change(engine, make_key, tmp_path, key) == read_key(key) == change(engine, make_key, tmp_path, key)
    change(engine, suppress, tmp_path, [ANN])
    if remembering == "the database":
        (tmp_path / "suppressions.ndjson").unlink()
    else:
        change(engine, lambda connection: connection.exec_driver_sql("truncate ops.suppressions"))
    key.unlink()
    with pytest.raises(SecretsError, match="missing"):
        change(engine, make_key, tmp_path, key)
    with pytest.raises(SecretsError, match="missing"):
        read_key(key)
