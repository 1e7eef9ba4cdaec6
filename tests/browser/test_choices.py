"""What a person or a site does not want is not stored and not sent."""

from tests.support.browser.person import near, scenario

STORED = "[...Object.keys(localStorage), document.cookie].filter((name) => name && !name.endsWith('choice'))"


@scenario
def test_nothing_before_consent_where_it_is_required(person):
    person.attributes = "data-consent=required"
    person.put_all()
    tab = person.open("/one")
    tab.run("footfall.track('a'); footfall.identify('anna')")
    tab.stay(4)
    assert tab.run(STORED) == []
    assert person.events() == []
    tab.run("footfall.optIn()")
    tab.stay(3)
    tab.run("footfall.track('b')")
    tab.go(f"{person.origin}/two")
    tab.stay(2)
    published = yield
    assert published.count("a") == 0
    assert published.count("b") == 1
    assert "/two" in published.paths()
    assert {event.user_id for event in published.events} == {None}


@scenario
def test_no_one_is_named_after_an_objection(person):
    tab = person.open("/one")
    tab.stay(2)
    tab.run("footfall.optOut()")
    assert tab.run(STORED) == []
    tab.run("footfall.track('a'); footfall.identify('anna')")
    tab.go(f"{person.origin}/two")
    tab.stay(3)
    assert tab.run(STORED) == []
    published = yield
    assert [published.count(name) for name in ("a", "user_identified")] == [0, 0]
    named = {event.anonymous_id for event in published.events if event.page_url.endswith("/one")}
    unnamed = {event.anonymous_id for event in published.events if event.page_url.endswith("/two")}
    assert named.isdisjoint(unnamed)
    assert {event.event_name for event in published.events if event.page_url.endswith("/two")} == {"page_viewed"}


@scenario
def test_a_person_who_comes_back_after_an_objection(person):
    tab = person.open("/one")
    tab.run("footfall.optOut()")
    tab.stay(1)
    tab.run("footfall.optIn()")
    tab.go(f"{person.origin}/two")
    tab.stay(3)
    published = yield
    assert published.engaged()["/two"] == near(3)


@scenario
def test_a_site_that_leaves_pages_out(person):
    person.attributes = 'data-ignore="/admin/*"'
    person.put_all()
    tab = person.open("/admin/users")
    tab.stay(2.5)
    tab.run("footfall.track('a')")
    tab.go(f"{person.origin}/one")
    tab.stay(2)
    published = yield
    assert published.paths() == ["/one"]
    assert published.count("a") == 0


@scenario(identity="cookieless")
def test_a_site_without_ids_stores_nothing_and_counts_a_visitor(person):
    person.attributes = "data-identity=cookieless"
    person.put_all()
    tab = person.open("/one")
    tab.stay(3)
    tab.go(f"{person.origin}/two")
    tab.stay(4)
    assert tab.run("[...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie]") == [""]
    published = yield
    assert published.engaged() == near({"/one": 3, "/two": 4})
    assert published.sessions("page_view_count", "end_cause") == [(2, "page_unload")]
