"""Attempts to read another site's or another user's rows, over every route that is described: none succeeds."""

import http.client
import re
from contextlib import ExitStack
from itertools import cycle, product
from urllib.parse import quote

import pytest

from footfall.answers.questions import questions
from footfall.pipeline import night
from tests.support.database import rows
from tests.support.events import Landing
from tests.support.marts.history import happening

pytestmark = pytest.mark.xdist_group("published")

SITES = (
    "{}", "SHOP", "Shop", " {}", "{}%20", "{}%00", "%00{}", "{}%2F", "%2F{}", "{}%2F..%2F{}", "blog%2F..%2F{}",
    "blog%252F..%252F{}", "..%2Fsites%2F{}", "%2e%2e%2f{}", "blog;{}", "blog,{}", "blog&site={}", "blog%26site%3D{}",
    "sh%6Fp", "%73hop", "ｓｈｏｐ", "shоp", "shop\u200b", "shop\u00ad", "ſhop", "shop%C0%80", "shop%EF%BF%BD", "shop.",
    "shop%0A", "shop%0D%0AX-Site:%20shop", "shop'", "shop'--", "' or site_id='shop", "%27)%20or%20(%27%27%3D%27",
    '"shop"', "$${}$$", "{}%5C", "*", "%25", "_hop", "shop%3Fx=1", "shop%23", "[shop]", "{{shop}}",
)  # fmt: skip
"""A site as it may be written, the other one's name for each {}."""
HEADERS = (
    "X-Site", "X-Site-Id", "Site", "Footfall-Site", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Path",
    "X-Forwarded-Prefix", "X-Forwarded-User", "X-Forwarded-Uri", "Forwarded", "X-Original-URL", "X-Rewrite-URL",
    "X-HTTP-Method-Override", "X-Method-Override", "X-User", "X-User-Id", "X-Remote-User", "Remote-User", "X-Role",
    "X-Tenant", "Cookie", "From", "Referer", "Origin", "Host", "Range", "X-Api-Key", "Proxy-Authorization",
    "Accept-Language", "User-Agent",
)  # fmt: skip
WAYS = ("blog/../{}", "blog/./../{}", "blog//../{}", "blog/%2e%2e/{}", "/{}", "blog\\..\\{}")
SQL = (
    "'", "''", "\\'", "' or '1'='1", "') or true --", "%27%20or%201%3D1", "1; select * from marts.sessions --",
    "' union select * from marts.sessions where site_id = 'shop' --", "$1", "%(site)s", ":site", "{site}", "$$shop$$",
    "E'\\x27'", "/*", "shop", "carl", "dora", "c-carl", "m-1", "0 or 1=1", "-1", "NaN", "ＯＲ", "null", "\u2019",
)  # fmt: skip


class Attempts:
    """Sends requests as they are written, and keeps each answer that holds what is another's."""

    def __init__(self, client, token, secrets):
        self.token, self.secrets = token, secrets
        self.connection = http.client.HTTPConnection(client.base_url.host, client.base_url.port, timeout=30)
        self.made = self.answered = 0
        self.succeeded = []

    def send(self, target, *headers, method="GET"):
        """Send one; what follows a second ? is another parameter. Returns its status."""
        target = target.replace("?", "&").replace("&", "?", 1) if "?" in target else target
        self.connection.putrequest(method, target, skip_host=any(name == "Host" for name, _ in headers))
        for name, value in (("Authorization", f"Bearer {self.token}"), *headers):
            self.connection.putheader(name, value)
        self.connection.endheaders()
        answered = self.connection.getresponse()
        body = answered.read().decode()
        self.made += 1
        self.answered += answered.status == 200
        assert answered.status < 500, (target, headers, body)
        found = self.secrets & set(re.findall(r'"((?:[^"\\]|\\.)*)"', body))
        if found:
            self.succeeded.append((method, target, headers, found))
        return answered.status


@pytest.fixture
def attempts_with(client):
    """Attempts with a token to find secrets: `attempts_with(token, secrets)`."""
    with ExitStack() as opened:

        def attempts(token, secrets):
            made = Attempts(client, token, secrets)
            opened.callback(made.connection.close)
            return made

        yield attempts


@pytest.fixture(scope="module", autouse=True)
def happens(installation):
    """What goes on at shop now."""
    Landing(installation.settings.landing).land(*happening())
    night.load(installation)


@pytest.fixture(scope="module")
def described(client):
    """Path → names of its query parameters, of each route of the OpenAPI document; without the site, ids filled in.

    A live stream has no end; `live/test_stream.py` tries it.
    """
    documented = client.get("/openapi.json").json()["paths"]
    found = {}
    for path, methods in documented.items():
        if path.endswith("/live/stream"):
            continue
        names = [each["name"] for each in methods["get"]["parameters"] if each["in"] == "query"]
        for question in questions() if "{name}" in path else [""]:
            own = path.removeprefix("/v1/sites/{site}").replace("{name}", question)
            own = own.replace("{community}", "m-1").replace("{user}", "carl")
            found[own + "?metrics=sessions" * (own == "/metrics")] = names
    assert len(found) > len(questions()) + 15
    return found


@pytest.fixture(scope="module")
def paths(described):
    """All of these, but of the ready questions every fourth."""
    asked = sorted(path for path in described if path.startswith("/questions/"))
    return sorted(set(described) - set(asked)) + asked[::4]


def values(engine, where):
    """All ids and names of people, sessions, checkouts, orders, communities and pages in the marts."""
    columns = rows(
        engine,
        "select table_name, column_name from information_schema.columns where table_schema = 'marts' and data_type ="
        " 'text' and column_name ~ '(_id|_page|_path|_slug|journey|service|error_message)$'"
        " and table_name in (select relname from pg_class where relkind = 'r')",
    )
    found = set()
    for table, column in columns:
        with_user = rows(
            engine,
            "select 1 from information_schema.columns where table_schema = 'marts' and column_name = 'user_id'"
            f" and table_name = '{table}'",
        )
        if with_user or "user_id" not in where:
            found |= {value for (value,) in rows(engine, f"select distinct {column} from marts.{table} where {where}")}
    return {value for value in found if value and len(value) > 2}


@pytest.fixture(scope="module")
def of_shop(installation):
    """What only shop has."""
    known = values(installation.engine, "site_id = 'shop'") - values(installation.engine, "site_id = 'blog'")
    assert len(known) > 20
    # The name of the site and that of a community stand in answers as they were asked for.
    return known - {"shop", "m-1"} | {"hal's", "ina's", "jon's", "kim's", "c-kim"}


def quoted(site):
    """The site as it stands in an address: what is quoted stays so."""
    return re.sub(r"[^\x21-\x7e]", lambda found: quote(found[0]), site)


def by_path(attempts, paths, other, step):
    """Write the other site in the path, in each way at every so many paths."""
    for number, written in enumerate(SITES):
        for path in paths[number % step :: step]:
            attempts.send(quoted(f"/v1/sites/{written.replace('{}', other)}{path}"))
    for number, way in enumerate(WAYS):
        for path in paths[number % 4 :: 4]:
            attempts.send(quoted(f"/v1/sites/{way.replace('{}', other)}{path}"))


def by_header(attempts, paths, site, value):
    for number, header in enumerate(HEADERS):
        for path in paths[number % 16 :: 16]:
            attempts.send(f"/v1/sites/{site}{path}", (header, value))
        attempts.send(f"/v1/sites/{site}{paths[number % len(paths)]}", (header, f"/v1/sites/shop{paths[0]}"))


def by_parameter(attempts, described, paths, site, values):
    """Give each parameter, and some that there are not, one of the values in turn, twice and in other letters too."""
    turn = cycle(values)
    ways = cycle(("{0}={1}", "{0}={1}&{0}=1", "{0}=1&{0}={1}", "{0}=1&{2}={1}", "{0}={1};site=shop"))
    for path in paths:
        for name in (*described[path], "site", "site_id", "user_id", "sites[]", "role"):
            query = next(ways).format(name, quote(next(turn), safe="%&="), name.upper())
            attempts.send(f"/v1/sites/{site}{path}?{query}")


def test_no_attempt_of_one_site_reads_another(attempts_with, tokens, described, paths, of_shop):
    attempts = attempts_with(tokens["blog"], of_shop)
    by_path(attempts, paths, "shop", step=len(paths) // 2)
    by_header(attempts, paths, "blog", "shop")
    by_parameter(attempts, described, paths, "blog", SQL)
    for path, method in product(paths[::8], ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "SHOP")):
        if method != "HEAD":
            attempts.send(f"/v1/sites/shop{path}", ("X-HTTP-Method-Override", "GET"), method=method)
        attempts.send(f"/v1/sites/shop{path}", ("X-HTTP-Method-Override", method))
    for path in paths:
        attempts.send(f"/v1/sites/shop{path}")
        attempts.send(f"/v1/sites/shop{path}", ("Authorization", f"Bearer {tokens['shop'][:-1]}!"))
    asking = cycle(("questions/customer_sessions?user=", "questions/daily_communities?days=0&community="))
    for secret in sorted(of_shop):
        attempts.send(f"/v1/sites/blog/customers/{quote(secret, safe='')}")
        attempts.send(f"/v1/sites/blog/{next(asking)}{quote(secret, safe='')}")
    assert attempts.succeeded == []
    assert attempts.made > 500
    assert attempts.answered > 100  # With what is the token's own.


def test_no_attempt_of_one_user_reads_another(installation, attempts_with, tokens, described, paths, of_shop):
    """Nor the figures of the whole site, nor another site."""
    own = values(installation.engine, "site_id = 'shop' and user_id = 'ann'")
    anothers = of_shop - own
    assert {"c-carl", "carl", "dora", "gus's", "massage", "Declined."} <= anothers
    attempts = attempts_with(tokens["ann"], anothers)
    for path, names in described.items():
        assert attempts.send(f"/v1/sites/shop{path}" + ("?days=0" if "days" in names else "")) in (200, 404)
    users = ("carl", "dora's", "ann&user=carl", "ann,carl", "' or user_id='carl", "%25", "*", "ANN", "\uff41nn", "")
    by_parameter(attempts, described, paths, "shop", users)
    by_header(attempts, paths, "shop", "carl")
    by_path(attempts, paths, "blog", step=len(paths))
    for user in (*sorted(anothers), "CARL", "ann/../carl", "ann%2F..%2Fcarl", "ann%00carl", "ann;carl", " carl"):
        assert attempts.send(f"/v1/sites/shop/customers/{quote(user, safe='%/')}") in (404, 422)
    assert attempts.succeeded == []
    assert attempts.made > 300


def test_an_attempt_that_succeeds_is_noticed(attempts_with, tokens, described, of_shop):
    """With the token of both sites the same requests hold what is searched for: the search finds it."""
    attempts = attempts_with(tokens["all"], of_shop)
    for path in described:
        attempts.send(f"/v1/sites/shop{path}" + ("?days=0" if "days" in described[path] else ""))
    found = {target.split("?")[0] for _, target, _, _ in attempts.succeeded}
    assert {"/v1/sites/shop/customers", "/v1/sites/shop/live", "/v1/sites/shop/checkouts"} <= found
    assert len(found) > 25
