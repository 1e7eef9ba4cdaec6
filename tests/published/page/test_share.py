"""A page that is shared by a link: it alone, read-only, in frames of whom the site lets, until it ends."""

import re
import time

import psycopg
import pytest
from sqlalchemy import text

from warehouse.access.share import credential_of, share
from warehouse.access.sites import set_frames
from warehouse.access.tokens import revoke_token

pytestmark = pytest.mark.xdist_group("page")

PAGE = "/sites/shop/overview?from=2026-11-01&to=2026-11-03&device=desktop"


def wait_until(condition):
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.2)


@pytest.fixture(scope="module")
def shared(installation, client):
    """The name of a link, and the link, once it is known."""
    with installation.engine.begin() as connection:
        name, link = share(connection, installation.settings, "shop", PAGE, 7)
    wait_until(lambda: client.get(f"/shared/{link}").status_code == 200)
    return name, link


def test_a_link_shows_its_page_and_leads_to_no_other(client, look, shared):
    _, link = shared
    found = client.get(f"/shared/{link}")
    assert found.status_code == 200
    assert re.findall(r'<dd class="value">(.*?)</dd>', found.text)[0] == "8"
    links = re.findall(r'href="(.*?)"', found.text)
    assert [each for each in links if not each.startswith(("/static/", "#main", f"/shared/{link}/"))] == []
    rows = client.get(f"/shared/{link}/channels.csv").text.splitlines()
    assert rows[1].startswith("shop,Direct,6")
    look.at(f"{client.base_url}/shared/{link}")
    assert look.logged() == []
    assert look.barriers() == []


def test_a_link_opens_nothing_else(installation, client, shared):
    _, link = shared
    key = (installation.settings.home / "secrets" / "links.key").read_text()
    token = credential_of(link, key)
    for written in (token.written, link, "fft_" + link.replace("-", "_", 1)):
        asked = client.get("/v1/sites/shop/summary", headers={"Authorization": f"Bearer {written}"})
        assert asked.status_code == 401
        assert client.get(PAGE, headers={"Cookie": f"footfall={written}"}).status_code == 401
    assert client.get(f"/shared/{link[:-1]}").status_code == 404
    assert client.get("/shared/none").status_code == 404
    # The link alone is no login, either: its password follows from a secret of the installation, too.
    from_link = type(token)(token.token_id, link.partition("-")[2])
    url = installation.database.administrator
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=url.host, port=url.port, dbname=url.database, user=token.role, password=from_link.password)


def test_it_stands_in_frames_of_those_whom_the_site_lets(installation, client, shared):
    def policy():
        return client.get(f"/shared/{shared[1]}").headers["content-security-policy"]

    assert "frame-ancestors 'none'" in policy()
    with installation.engine.begin() as connection:
        set_frames(connection, "shop", ["https://intranet.example"])
    assert "frame-ancestors https://intranet.example" in policy()
    assert "frame-ancestors 'none'" in client.get("/").headers["content-security-policy"]


def test_a_link_ends_when_it_expires_and_when_it_is_revoked(installation, client):
    def status(link):
        return client.get(f"/shared/{link}").status_code

    with installation.engine.begin() as connection:
        links = dict(share(connection, installation.settings, "shop", PAGE, 1) for _ in range(2))
    (expiring, first), (revoked, second) = links.items()
    wait_until(lambda: status(first) == status(second) == 200)
    with installation.engine.begin() as connection:
        connection.execute(text("update ops.tokens set expires_at = now() where name = :name"), {"name": expiring})
        revoke_token(connection, revoked)
    wait_until(lambda: status(first) == status(second) == 404)
