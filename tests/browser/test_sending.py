"""Nothing that a page reports is lost or doubled on its way: many events, no network, no answer, a closed tab."""

from collections import Counter

from tests.support.browser.person import scenario
from tests.support.browser.website import BODY, LOST, SOUND

BUTTONS = '<button id="{0}" onclick="{1}">{0}</button>'


def button(name: str, script: str) -> str:
    """A page with a button that calls the page's own script."""
    return BUTTONS.format(name, script) + BODY


@scenario
def test_two_hundred_large_events_in_two_seconds(person):
    person.put("/one", button("many", "for (let i = 0; i < 200; i++) footfall.track('a', {i, pad: 'x'.repeat(300)})"))
    tab = person.open("/one")
    tab.click("#many")
    tab.stay(2)
    tab.run("footfall.track('b')")
    published = yield
    assert sorted(found["i"] for found in published.properties("a")) == list(range(200))
    assert published.count("b") == 1
    assert published.count("session_ended") == 1


@scenario
def test_two_hundred_large_events_right_before_the_tab_is_closed(person):
    person.put("/one", button("many", "for (let i = 0; i < 200; i++) footfall.track('a', {i, pad: 'x'.repeat(300)})"))
    tab = person.open("/one")
    tab.click("#many")
    tab.close()
    person.open("/two").stay(4)
    published = yield
    assert Counter(found["i"] for found in published.properties("a")) == Counter(range(200))


@scenario
def test_a_hundred_events_a_second(person):
    tab = person.open("/one")
    tab.run("(() => { let i = 0; setInterval(() => { if (i < 400) footfall.track('a', {i: i++}); }, 10); })()")
    tab.wait(lambda: len(person.sent("a")) == 400)
    published = yield
    assert Counter(found["i"] for found in published.properties("a")) == Counter(range(400))
    assert published.sessions("event_counts->>'a'") == [("400",)]


@scenario
def test_a_property_that_json_cannot_write_costs_its_own_event_alone(person):
    tab = person.open("/one")
    tab.run("footfall.track('before')")
    tab.run("(() => { const round = {}; round.self = round; footfall.track('round', round); })()")
    tab.run("footfall.track('big', {amount: 10n})")
    tab.run("footfall.track('after')")
    tab.wait(lambda: person.sent("after"))
    complaints = tab.complaints()
    assert [name for name in ("round", "big") if not any(name in line for line in complaints)] == []
    published = yield
    counts = [published.count(name) for name in ("before", "round", "big", "after", "session_ended")]
    assert counts == [1, 0, 0, 1, 1]


@scenario
def test_a_tab_is_closed_where_there_is_no_beacon(person):
    person.put("/one", head="<script>delete Navigator.prototype.sendBeacon</script>")
    tab = person.open("/one")
    assert tab.run("typeof navigator.sendBeacon") == "undefined"
    tab.stay(2.5)
    tab.run("footfall.track('last')")
    tab.close()
    published = yield
    assert [published.count(name) for name in ("page_viewed", "last", "session_ended")] == [1, 1, 1]


@scenario
def test_a_tab_is_closed_where_the_beacon_refuses(person):
    person.put("/one", head="<script>Navigator.prototype.sendBeacon = () => false</script>")
    tab = person.open("/one")
    tab.stay(2.5)
    tab.run("footfall.track('last')")
    tab.close()
    published = yield
    assert [published.count(name) for name in ("page_viewed", "last", "session_ended")] == [1, 1, 1]


@scenario(seconds=40)
def test_twenty_people_close_their_tab(person):
    tabs = [person.open_url(f"{person.origin.replace('//', f'//{number}.')}/{number}") for number in range(20)]
    for tab in tabs:
        tab.show()
        tab.stay(0.2)
        tab.close()
    published = yield
    assert len({event.anonymous_id for event in published.events}) == 20
    assert published.count("session_ended") == 20
    assert published.sessions("end_cause") == [("page_unload",)] * 20
    assert published.live("page_path") == []


@scenario(seconds=40)
def test_twenty_tabs_of_one_person_are_closed(person):
    tabs = [person.open(f"/{number}") for number in range(20)]
    for tab in tabs:
        tab.close()
    published = yield
    assert published.count("session_ended") == 20
    assert len(published.paths()) == 20
    assert published.sessions("end_cause")[-1] == ("page_unload",)
    assert published.live("page_path") == []


@scenario
def test_nothing_is_reported_after_a_page_ended(person):
    tab = person.open("/one")
    tab.stay(2)
    tab.go(f"{person.origin}/two")
    tab.stay(2)
    tab.close()
    published = yield
    for path in ("/one", "/two"):
        of_page = [event for event in published.events if event.page_url.endswith(path)]
        last = max(of_page, key=lambda event: event.sequence)
        assert last.event_name == "session_ended"


@scenario
def test_a_page_without_network_for_a_while(person):
    tab = person.open("/one")
    person.wait_for_events("page_viewed")
    tab.cut_off()
    for number in range(5):
        tab.run(f"footfall.track('a', {{i: {number}}})")
        tab.stay(1)
    tab.cut_off(offline=False)
    tab.stay(3)
    person.wait_for_events("a", 5)
    published = yield
    assert Counter(found["i"] for found in published.properties("a")) == Counter(range(5))


@scenario
def test_a_page_closed_without_network_is_reported_by_the_next(person):
    tab = person.open("/one")
    person.wait_for_events("page_viewed")
    tab.cut_off()
    tab.run("footfall.track('a')")
    tab.stay(3)
    tab.close()
    assert person.sent("a") == []
    person.open("/two")
    person.wait_for_events("a")
    published = yield
    assert published.count("a") == 1
    assert published.count("session_ended") == 2
    assert sorted(published.paths()) == ["/one", "/two"]


@scenario(seconds=30)
def test_a_collector_that_cannot_take_it_at_first(person):
    person.meets(503, 503, 429)
    tab = person.open("/one")
    tab.run("footfall.track('a')")
    person.wait_for_events("a", seconds=60)
    published = yield
    assert [published.count(name) for name in ("page_viewed", "a")] == [1, 1]


@scenario
def test_an_answer_that_is_lost(person):
    person.meets(LOST, SOUND, LOST)
    tab = person.open("/one")
    for number in range(3):
        tab.run(f"footfall.track('a', {{i: {number}}})")
        tab.stay(2.5)
    person.wait_for_events("a", 3)
    published = yield
    assert {found["i"] for found in published.properties("a")} == {0, 1, 2}
    assert published.sessions("page_view_count", "event_counts->>'a'") == [(1, "3")]


@scenario
def test_a_key_that_is_unknown(person):
    person.key = "ff_unknown"
    person.put_all()
    tab = person.open("/one")
    tab.stay(3)
    for _ in range(3):
        tab.run("footfall.track('a')")
        tab.stay(1)
    complaints = [line for line in tab.complaints() if "footfall" in line.lower()]
    assert len(complaints) == 1
    assert "401" in complaints[0] or "key" in complaints[0].lower()
    published = yield
    assert published.events == []
