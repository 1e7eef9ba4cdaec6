"""The public suffix list in the database: all of it, once, with its wildcards and exceptions."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from ingestion.load.enrichment import public_suffixes
from tests.support.database import rows
from warehouse.postgres.roles import Role


def test_the_list_is_read_with_its_kinds_of_rules():
    found = {suffix.domain: suffix for suffix in public_suffixes.suffixes()}
    assert found["co.uk"] == public_suffixes.Suffix("co.uk", is_suffix=True)
    assert found["ck"] == public_suffixes.Suffix("ck", is_wildcard=True)
    assert found["www.ck"] == public_suffixes.Suffix("www.ck", is_exception=True)
    assert found["github.io"] == public_suffixes.Suffix("github.io", is_suffix=True, is_private=True)
    assert found["xn--p1ai"].is_suffix
    assert all(domain.isascii() and domain == domain.lower() for domain in found)
    assert len(found) > 9000


def test_the_list_is_stored_once_and_again_where_the_table_holds_another(installation):
    engine = installation.engine_of(Role.TRANSFORMER)

    def store(_):
        with engine.begin() as connection:
            return public_suffixes.store(connection)

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(store, range(3))) == [False, False, True]
    with installation.engine.begin() as connection:
        connection.execute(text("delete from ops.public_suffixes where domain <> 'co.uk'"))
        connection.execute(text("update ops.public_suffixes set list_version = 'older'"))
    assert [store(0), store(0)] == [True, False]
    assert rows(installation.engine, "select count(*) from ops.public_suffixes") == [(len(public_suffixes.suffixes()),)]
