"""What counts as a view, how far a page was scrolled, and which seconds were spent on it."""

from tests.support.browser.person import near, scenario

LATE_TITLES = """[900, 940, 970, 990].forEach((ms, number) => setTimeout(() => {
  footfall.track('a');
  setTimeout(() => {
    history.pushState({}, '', `/${ms}`);
    setTimeout(() => { document.title = ms; }, 40);
  }, ms);
}, 2500 * number))"""
BUTTON = '<main style="height: 3000px"><button onclick="{}">press</button></main>'


@scenario
def test_anchors_are_no_views(person):
    person.put("/one", '<a href="#part">part</a><main style="height: 3000px"></main><h2 id="part">part</h2>')
    tab = person.open("/one")
    tab.stay(1)
    tab.click("a")
    tab.wait_for("location.hash === '#part'")
    tab.stay(1)
    tab.back()
    tab.stay(1)
    published = yield
    assert published.paths() == ["/one"]
    assert published.engaged() == near({"/one": 3})


@scenario
def test_routes_in_the_hash_are_views_by_an_option(person):
    person.attributes = "data-hash"
    person.put("/", '<a href="#/about">about</a><main style="height: 3000px"></main>')
    tab = person.open("/#/home")
    tab.stay(3)
    tab.click("a")
    tab.stay(3)
    published = yield
    paths = published.paths()
    assert len(paths) == len(set(paths)) == 2
    assert [near(3), near(3)] == [seconds for (seconds,) in published.page_views("engaged_seconds")]


@scenario
def test_routes_in_the_hash_are_no_views_without_it(person):
    person.put("/", '<a href="#/about">about</a><main style="height: 3000px"></main>')
    tab = person.open("/#/home")
    tab.stay(1)
    tab.click("a")
    tab.stay(1)
    published = yield
    assert published.paths() == ["/"]


@scenario
def test_a_replaced_state_is_no_view(person):
    person.put("/one", BUTTON.format("history.replaceState({}, '', '/one?sort=price')"))
    tab = person.open("/one")
    tab.click("button")
    tab.wait_for("location.search === '?sort=price'")
    tab.stay(1)
    published = yield
    assert published.paths() == ["/one"]


@scenario
def test_the_title_of_a_route_comes_after_its_address(person):
    person.put("/one", BUTTON.format("history.pushState({}, '', '/two'); document.title = 'B'"), title="A")
    later = "history.pushState({}, '', '/four'); setTimeout(() => document.title = 'D', 50)"
    person.put("/three", BUTTON.format(later), title="C")
    for path in ("/one", "/three"):
        tab = person.open(path)
        tab.stay(1.3)
        tab.click("button")
        tab.stay(2)
        tab.close()
    published = yield
    assert published.page_views("page_path", "page_title") == [
        ("/one", "A"),
        ("/two", "B"),
        ("/three", "C"),
        ("/four", "D"),
    ]


@scenario
def test_the_title_of_a_route_comes_late_whatever_was_reported_before(person):
    """The tracker sends about a second after an event: a view that has just begun waits for its title."""
    person.put("/one", BUTTON.format(LATE_TITLES), title="A")
    tab = person.open("/one")
    tab.stay(1.5)
    tab.click("button")
    tab.stay(10)
    published = yield
    titles = published.page_views("page_path", "page_title")
    assert titles == [("/one", "A"), *((f"/{ms}", f"{ms}") for ms in (900, 940, 970, 990))]


@scenario
def test_an_unscrolled_page_has_no_depth(person):
    person.put("/one", '<main style="height: 1400px"></main>')
    tab = person.open("/one")
    tab.stay(3)
    published = yield
    assert published.page_views("page_path", "scroll_depth_percent") in ([("/one", 0)], [("/one", None)])
    assert published.sessions("is_engaged_by_scroll") == [(False,)]


@scenario
def test_a_page_that_fits_the_window_has_no_depth(person):
    person.put("/one", "<p>short</p>")
    tab = person.open("/one")
    tab.stay(3)
    published = yield
    assert published.page_views("page_path", "scroll_depth_percent") in ([("/one", 0)], [("/one", None)])
    assert all(found.get("scroll_depth") is None for found in published.properties("page_engaged"))
    assert published.sessions("coalesce(is_engaged_by_scroll, false)") == [(False,)]


@scenario
def test_a_page_whose_content_comes_late(person):
    late = "setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<main style=height:4000px></main>'), 1200)"
    person.put("/one", f"<p>soon</p><script>{late}</script>")
    tab = person.open("/one")
    tab.stay(4)
    published = yield
    assert published.page_views("coalesce(scroll_depth_percent, 0)") == [(0,)]


@scenario
def test_half_a_page_scrolled_by_the_wheel(person):
    person.put("/one", '<main style="height: 4000px"></main>')
    tab = person.open("/one")
    half = tab.run("(document.documentElement.scrollHeight - innerHeight) / 2")
    tab.stay(1)
    tab.wheel(half)
    tab.stay(2)
    published = yield
    ((depth,),) = published.page_views("scroll_depth_percent")
    assert 48 <= depth <= 52
    assert published.sessions("is_engaged_by_scroll") == [(True,)]


@scenario
def test_reading_with_the_keyboard_alone(person):
    tab = person.open("/one")
    for _ in range(3):
        tab.stay(1)
        tab.press("PageDown")
    tab.stay(1)
    tab.press("End")
    tab.stay(2)
    published = yield
    assert published.page_views("engaged_seconds", "scroll_depth_percent", "click_count") == [(near(6), 100, 0)]
    assert published.engaged() == near({"/one": 6})


@scenario(seconds=85)
def test_only_the_minute_after_the_last_use_counts(person):
    tab = person.open("/one")
    tab.stay(5)
    tab.press("ArrowDown")
    tab.stay(75)
    published = yield
    assert published.engaged() == near({"/one": 65})


@scenario
def test_a_window_that_is_seen_and_not_used_makes_no_seconds(person):
    tab = person.open("/one")
    tab.stay(3)
    other = person.open_window()
    assert tab.run("[document.hidden, document.hasFocus()]") == [False, False]
    tab.stay(4)
    other.close()
    published = yield
    assert published.engaged() == near({"/one": 3})


@scenario(seconds=20)
def test_a_laptop_that_sleeps(person):
    tab = person.open("/one")
    tab.stay(3)
    tab.sleep(8)
    tab.stay(3)
    published = yield
    assert published.engaged() == near({"/one": 6})


@scenario
def test_a_tab_that_the_browser_freezes(person):
    tab = person.open("/one")
    tab.stay(3)
    other = person.open("/two")
    tab.command("Page.setWebLifecycleState", state="frozen")
    other.stay(3)
    tab.command("Page.setWebLifecycleState", state="active")
    tab.show()
    tab.stay(3)
    published = yield
    assert published.engaged() == near({"/one": 6, "/two": 3})
