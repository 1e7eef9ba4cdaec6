"""Ways in which a page takes the script, and pages and browsers that take something from it."""

from tests.support.browser.person import Person, near, scenario
from tests.support.browser.website import BODY

STUB = """<script>
  window.footfall = { q: [] };
  for (const name of ["track", "identify", "signOut", "page", "optIn", "optOut"]) {
    footfall[name] = (...given) => footfall.q.push([name, ...given]);
  }
</script>"""


def put_with(person: Person, script: str, path: str = "/one", **headers: str) -> None:
    """Put a page there that takes the script in a way of its own."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    person.put(path, script=script, headers=named)


def is_seen_once(published) -> bool:
    """Whether there is one view, looked at for three seconds, of one device, and its end."""
    assert published.page_views("page_path", "engaged_seconds") == [("/one", near(3))]
    assert published.sessions("page_view_count", "end_cause") == [(1, "page_unload")]
    return published.count("session_ended") == 1


@scenario
def test_as_a_module(person):
    put_with(person, person.script('type="module"'))
    person.open("/one").stay(3)
    assert is_seen_once((yield))


@scenario
def test_deferred(person):
    put_with(person, person.script("defer"))
    person.open("/one").stay(3)
    assert is_seen_once((yield))


@scenario
def test_asynchronous(person):
    put_with(person, person.script("async"))
    person.open("/one").stay(3)
    assert is_seen_once((yield))


@scenario
def test_by_a_tag_manager(person):
    manager = f"""<script>setTimeout(() => {{
      const script = document.createElement("script");
      script.dataset.key = "{person.key}";
      script.src = "{person.collector}/tracker.js";
      document.head.append(script);
    }}, 300)</script>"""
    put_with(person, manager)
    tab = person.open("/one")
    tab.wait_for("window.footfall")
    tab.stay(3)
    assert is_seen_once((yield))


@scenario
def test_twice_on_a_page(person):
    put_with(person, person.script() * 2)
    tab = person.open("/one")
    tab.stay(3)
    tab.run("footfall.track('a')")
    published = yield
    assert is_seen_once(published)
    assert published.count("a") == 1


@scenario
def test_on_plain_http(person):
    person.name = "shop.example"
    tab = person.open("/one")
    assert tab.run("isSecureContext") is False
    tab.stay(3)
    published = yield
    assert is_seen_once(published)
    assert len({event.event_id for event in published.events}) == len(published.events)


@scenario
def test_under_a_policy_without_inline_scripts(person):
    policy = (
        f"default-src 'none'; script-src {person.collector}; connect-src {person.collector}; style-src 'unsafe-inline'"
    )
    put_with(person, person.script(), content_security_policy=policy)
    tab = person.open("/one")
    tab.stay(3)
    assert tab.complaints() == []
    assert is_seen_once((yield))


def look_at_a_frame(person):
    """Open a page that only its frame counts, and use what is in the frame for three seconds."""
    person.put("/outer", f'<iframe src="{person.origin}/one" width="900" height="700"></iframe>', script="")
    tab = person.open("/outer")
    tab.click("iframe")
    tab.stay(3)
    return tab


@scenario
def test_in_a_frame_alone(person):
    person.put("/other", script="")
    look_at_a_frame(person).go(f"{person.origin}/other")
    assert is_seen_once((yield))


@scenario
def test_in_a_frame_whose_tab_is_closed(person):
    # On a busy machine its end may be missing: of 60 tabs beside six busy loops it was in 8. A page that is no frame has it.
    look_at_a_frame(person).close()
    published = yield
    assert published.count("session_ended") <= 1
    assert published.page_views("page_path", "engaged_seconds") == [("/one", near(3))]


@scenario
def test_where_nothing_can_be_stored(person):
    put_with(person, person.script(), content_security_policy="sandbox allow-scripts")
    tab = person.open("/one")
    assert tab.run("(() => { try { localStorage; return 'open' } catch { return 'blocked' } })()") == "blocked"
    tab.stay(3)
    published = yield
    assert is_seen_once(published)
    assert len({event.anonymous_id for event in published.events}) == 1


@scenario
def test_where_storage_is_full(person):
    put_with(
        person,
        "<script>for (let i = 1 << 22; i; i >>= 1) try { localStorage.setItem(i, 'x'.repeat(i)) } catch {}</script>"
        + person.script(),
    )
    person.open("/one").stay(3)
    assert is_seen_once((yield))


@scenario
def test_calls_made_while_the_script_is_not_there(person):
    put_with(person, STUB + person.script("async") + "<script>footfall.track('a', {i: 1})</script>")
    tab = person.open("/one")
    tab.stay(3)
    published = yield
    assert is_seen_once(published)
    assert published.properties("a") == [{"i": 1}]


@scenario
def test_one_device_over_subdomains(person):
    person.name = "shop.example"
    person.attributes = f'data-domain="{person.site}.shop.example"'
    person.put_all(body=BODY)
    for label in ("www", "pay"):
        tab = person.open_url(f"http://{label}.{person.site}.shop.example:{person.website.port}/{label}")
        tab.stay(2)
        tab.close()
    published = yield
    assert published.paths() == ["/www", "/pay"]
    assert len({event.anonymous_id for event in published.events}) == 1
    counts = [event.sequence for event in published.events]
    assert len(set(counts)) == len(counts)
