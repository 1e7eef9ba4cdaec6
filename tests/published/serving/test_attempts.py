"""Attempts to read another site's or another user's rows, over every route that is described: none succeeds."""

import http.client
import re
from contextlib import ExitStack
from itertools import cycle, product
from urllib.parse import quote

import pytest

from footfall.answers.questions import questions
from footfall.pipeline import night
from tests.support.events import Landing
from tests.support.marts.history import happening
from tests.support.serving.attempts import SITES, SQL, only_of_shop, values

HEADERS = (
    "X-Site", "X-Site-Id", "Site", "Footfall-Site", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Path",
    "X-Forwarded-Prefix", "X-Forwarded-User", "X-Forwarded-Uri", "Forwarded", "X-Original-URL", "X-Rewrite-URL",
    "X-HTTP-Method-Override", "X-Method-Override", "X-User", "X-User-Id", "X-Remote-User", "Remote-User", "X-Role",
    "X-Tenant", "Cookie", "From", "Referer", "Origin", "Host", "Range", "X-Api-Key", "Proxy-Authorization",
    "Accept-Language", "User-Agent",
)  # fmt: skip
WAYS = ("blog/../{}", "blog/./../{}", "blog//../{}", "blog/%2e%2e/{}", "/{}", "blog\\..\\{}")


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


@pytest.fixture(scope="module")
def of_shop(installation):
    """What only shop has."""
    return only_of_shop(installation.engine)


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
