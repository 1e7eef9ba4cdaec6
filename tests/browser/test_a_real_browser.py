"""The browser of these tests treats tabs and history as a person's does; without that the scenarios test nothing."""

from tests.support.browser.person import scenario


@scenario(is_premise=True)
def test_a_tab_that_is_left_is_hidden_and_has_no_focus(person):
    first = person.open("/one")
    assert first.run("[document.hidden, document.hasFocus()]") == [False, True]
    second = person.open("/two")
    assert first.run("[document.hidden, document.hasFocus()]") == [True, False]
    assert second.run("[document.hidden, document.hasFocus()]") == [False, True]
    yield


@scenario(is_premise=True)
def test_back_shows_the_page_that_was_left(person):
    tab = person.open("/one")
    tab.run("addEventListener('pageshow', (event) => { window.persisted = event.persisted; })")
    tab.click("a[href='/two']")
    tab.loaded("/two").back()
    assert tab.run("persisted") is True
    yield


@scenario(is_premise=True)
def test_a_prerendered_page_is_prerendering_until_it_is_visited(person):
    rules = '{"prerender": [{"urls": ["/two"], "eagerness": "immediate"}]}'
    person.put("/one", head=f'<script type="speculationrules">{rules}</script>')
    tab = person.open("/one")
    tab.wait(lambda: tab.pages(is_prerendered=True))
    (waiting,) = tab.pages(is_prerendered=True)
    tab.wait(lambda: tab.run("document.readyState === 'complete' && location.pathname === '/two'", waiting))
    assert tab.run("[document.prerendering, document.visibilityState]", waiting) == [True, "hidden"]
    tab.click("a[href='/two']")
    tab.loaded("/two")
    assert tab.page == waiting
    assert tab.run("[document.prerendering, document.visibilityState]") == [False, "visible"]
    yield


@scenario(is_premise=True)
def test_names_of_plain_http_are_no_secure_context(person):
    assert person.open().run("[isSecureContext, typeof crypto.randomUUID]") == [True, "function"]
    person.name = "shop.example"
    assert person.open().run("[isSecureContext, typeof crypto.randomUUID]") == [False, "undefined"]
    yield
