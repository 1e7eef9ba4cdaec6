"""As whom Superset reads: a site's analyst keeps its password and its rights from one start to the next."""

import pytest

from footfall.superset.reader import site_analyst
from runtime.secrets import is_exposed
from tests.support.database import rows
from warehouse.access.site_analysts import renew_site_analyst, site_role
from warehouse.access.sites import SiteError
from warehouse.postgres.connect import connect
from warehouse.postgres.roles import CONTACT_READER


@pytest.fixture
def folder(installation):
    return installation.settings.home / "superset" / "sites" / "shop"


def test_the_password_of_the_first_start_is_kept_for_its_owner_and_holds_at_the_next(installation, folder):
    first, is_new = site_analyst(installation, "shop", folder)
    assert is_new
    assert not is_exposed(folder / "reader.password")
    assert site_analyst(installation, "shop", folder) == (first, False)
    with connect(first) as connection:
        assert connection.execute("select ops.site_of(current_user)").fetchone() == ("shop",)


def test_a_password_that_was_renewed_elsewhere_is_renewed_here(installation, folder):
    site_analyst(installation, "shop", folder)
    with installation.engine.begin() as connection:
        renew_site_analyst(connection, "shop")
    url, is_new = site_analyst(installation, "shop", folder)
    assert is_new
    connect(url).close()


@pytest.mark.parametrize("reads_contacts", [True, False])
def test_an_analyst_who_reads_contacts_goes_on_reading_them(installation, folder, reads_contacts):
    with installation.engine.begin() as connection:
        renew_site_analyst(connection, "shop", reads_contacts)
    site_analyst(installation, "shop", folder)
    may = rows(
        installation.engine,
        "select pg_has_role(:role, :contacts, 'member')",
        role=site_role("shop"),
        contacts=CONTACT_READER,
    )
    assert may == [(reads_contacts,)]


def test_a_site_that_is_not_there_is_refused_before_anything_is_kept(installation, folder):
    with pytest.raises(SiteError):
        site_analyst(installation, "shop2", folder)
    assert not folder.exists()
