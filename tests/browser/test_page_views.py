"""Each page view gets the seconds in which it was looked at, whichever tab, route or history it is in."""

from tests.support.browser.person import near, scenario

ROUTES = """<nav id="routes"></nav><main style="height: 3000px"></main>
<script>
  for (const path of ["/one", "/two", "/three", "/four"]) {
    const link = Object.assign(document.createElement("a"), { href: path, textContent: path });
    link.onclick = (event) => { event.preventDefault(); history.pushState({}, "", path); };
    document.querySelector("#routes").append(link, " ");
  }
</script>"""
PRERENDER = '<script type="speculationrules">{"prerender": [{"urls": ["/two"], "eagerness": "immediate"}]}</script>'


@scenario
def test_three_seconds_on_each_of_four_views_of_an_app(person):
    person.put("/one", ROUTES)
    tab = person.open("/one")
    for path in ("/two", "/three", "/four"):
        tab.stay(3)
        tab.click(f"a[href='{path}']")
    tab.stay(3)
    published = yield
    assert published.paths() == ["/one", "/two", "/three", "/four"]
    assert published.engaged() == near({"/one": 3, "/two": 3, "/three": 3, "/four": 3})
    assert published.sessions("page_view_count", "engaged_seconds") == [(4, near(12))]


@scenario(seconds=20)
def test_two_tabs_by_turns(person):
    first = person.open("/one")
    first.stay(5)
    second = person.open("/two")
    second.stay(8)
    first.show()
    first.stay(4)
    published = yield
    assert published.engaged() == near({"/one": 9, "/two": 8})


@scenario(seconds=20)
def test_three_tabs_by_turns(person):
    tabs = [person.open(path) for path in ("/one", "/two", "/three")]
    for tab in (*tabs, *reversed(tabs)):
        tab.show()
        tab.stay(2)
    published = yield
    assert sorted(published.paths()) == ["/one", "/three", "/two"]
    assert published.engaged() == near({"/one": 4, "/two": 4, "/three": 4})


@scenario
def test_a_page_opened_behind_and_never_looked_at(person):
    tab = person.open("/one")
    behind = person.open_link_behind(tab, "a[href='/two']")
    assert behind.run("document.hidden")
    tab.stay(8)
    published = yield
    engaged = published.engaged()
    assert engaged.pop("/two", 0) == 0
    assert engaged == near({"/one": 8})


@scenario
def test_a_page_opened_behind_and_looked_at_later(person):
    tab = person.open("/one")
    behind = person.open_link_behind(tab, "a[href='/two']")
    tab.stay(4)
    behind.show()
    behind.stay(3)
    published = yield
    assert published.paths() == ["/one", "/two"]
    assert published.engaged() == near({"/one": 4, "/two": 3})


@scenario
def test_a_prerendered_page_that_is_never_visited(person):
    person.put("/one", head=PRERENDER)
    tab = person.open("/one")
    tab.wait(lambda: tab.pages(is_prerendered=True))
    (waiting,) = tab.pages(is_prerendered=True)
    tab.wait(lambda: tab.run("document.readyState === 'complete' && document.prerendering", waiting))
    tab.stay(6)
    published = yield
    assert published.paths() == ["/one"]
    assert published.engaged() == near({"/one": 6})


@scenario
def test_a_prerendered_page_that_is_visited(person):
    person.put("/one", head=PRERENDER)
    tab = person.open("/one")
    tab.wait(lambda: tab.pages(is_prerendered=True))
    (waiting,) = tab.pages(is_prerendered=True)
    tab.wait(lambda: tab.run("document.readyState === 'complete' && document.prerendering", waiting))
    tab.stay(4)
    tab.click("a[href='/two']")
    tab.loaded("/two")
    assert tab.page == waiting
    tab.stay(3)
    published = yield
    assert published.paths() == ["/one", "/two"]
    assert published.engaged() == near({"/one": 4, "/two": 3})


@scenario
def test_back_to_a_page_of_the_back_forward_cache(person):
    tab = person.open("/one")
    tab.run("addEventListener('pageshow', (event) => { window.persisted = event.persisted; })")
    tab.stay(3)
    tab.click("a[href='/two']")
    tab.loaded("/two").stay(3)
    tab.back()
    assert tab.run("persisted")
    tab.stay(4)
    published = yield
    assert published.paths() == ["/one", "/two", "/one"]
    assert [seconds for (seconds,) in published.page_views("engaged_seconds")] == [near(3), near(3), near(4)]


@scenario
def test_back_to_an_earlier_route_of_an_app(person):
    person.put("/one", ROUTES)
    tab = person.open("/one")
    tab.stay(3)
    tab.click("a[href='/two']")
    tab.stay(3)
    tab.back()
    tab.stay(4)
    published = yield
    assert published.paths() == ["/one", "/two", "/one"]
    assert published.engaged() == near({"/one": 7, "/two": 3})


@scenario
def test_a_page_with_a_frame(person):
    person.put("/outer", '<iframe src="/inner" width="600" height="400"></iframe><main style="height: 3000px"></main>')
    tab = person.open("/outer")
    tab.move(900, 600)
    tab.stay(6)
    published = yield
    engaged = published.engaged()
    assert engaged.pop("/inner", 0) <= 7
    assert engaged == near({"/outer": 6})


@scenario
def test_the_same_page_in_two_tabs(person):
    first, second = person.open("/one"), person.open("/one")
    second.stay(4)
    first.show()
    first.stay(6)
    published = yield
    assert sorted(seconds for (seconds,) in published.page_views("engaged_seconds")) == [near(4), near(6)]
