"""Who did it: what happened before a sign-out is the person's, and tabs agree on who is signed in."""

from tests.support.browser.person import near, scenario
from tests.support.browser.website import BODY

OUT = '<button id="out" onclick="footfall.signOut()">sign out</button>' + BODY


@scenario
def test_what_a_person_did_before_signing_out_is_theirs(person):
    person.put("/one", OUT)
    tab = person.open("/one")
    tab.run("footfall.identify('anna')")
    tab.stay(3)
    tab.wheel(500)
    tab.wheel(-500)
    for _ in range(3):
        tab.click("main button")
    tab.stay(3)
    tab.click("#out")
    tab.go(f"{person.origin}/two")
    tab.stay(3)
    published = yield
    sessions = published.sessions("user_id", "engaged_seconds", "click_count", "end_cause")
    assert sessions[0] == ("anna", near(6), 4, "signed_out")
    assert [(user, seconds) for user, seconds, *_ in sessions[1:]] == [(None, near(3))]


@scenario
def test_a_person_who_signed_out_in_another_tab_is_out_in_this_one(person):
    person.put("/one", OUT)
    first = person.open("/one")
    second = person.open("/two")
    second.run("footfall.identify('anna')")
    second.stay(1)
    second.run("footfall.track('before')")
    first.show()
    first.click("#out")
    second.show()
    second.stay(0.5)
    second.run("footfall.track('after')")
    published = yield
    assert [event.user_id for event in published.named("before")] == ["anna"]
    assert [event.user_id for event in published.named("after")] == [None]


@scenario
def test_a_person_who_signed_in_in_another_tab_is_in_in_this_one(person):
    first = person.open("/one")
    second = person.open("/two")
    second.run("footfall.identify('anna', {plan: 'pro'})")
    first.show()
    first.run("footfall.track('after')")
    published = yield
    assert [event.user_id for event in published.named("after")] == ["anna"]
    assert [event.user_id for event in published.named("page_viewed")] == [None, None]
    assert len({event.anonymous_id for event in published.events}) == 1


@scenario
def test_events_are_counted_over_all_tabs_of_a_device(person):
    first = person.open("/one")
    second = person.open("/two")
    for number in range(3):
        for tab in (first, second):
            tab.show()
            tab.run(f"footfall.track('a', {{i: {number}}})")
            tab.stay(1)
    published = yield
    counts = [event.sequence for event in published.named("a")]
    assert counts == sorted(set(counts))
    for view in {event.page_view_id for event in published.events}:
        of_view = sorted(
            (event for event in published.events if event.page_view_id == view),
            key=lambda event: (event.client_timestamp, event.sequence),
        )
        assert [event.sequence for event in of_view] == sorted({event.sequence for event in of_view})
    assert len({event.page_view_id for event in published.events}) == 2


@scenario
def test_a_page_still_open_is_live(person):
    tab = person.open("/one")
    tab.stay(2)
    person.tabs.clear()  # It is left open.
    person.wait_for_events("page_viewed")
    published = yield
    assert published.live("page_path") == [("/one",)]
