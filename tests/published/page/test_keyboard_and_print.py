"""A page without a mouse, and on paper."""

import base64

import pytest

pytestmark = pytest.mark.xdist_group("page")

DAYS = "from=2026-11-01&to=2026-11-03"
CONTROLS = """
[...document.querySelectorAll('a[href], button, summary, input:not([type=hidden]), [tabindex="0"]')]
    .filter(each => each.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}))
"""
FOCUSED = f"""
(() => {{
    const {{outlineStyle, outlineWidth}} = getComputedStyle(document.activeElement);
    return [{CONTROLS}.indexOf(document.activeElement), outlineStyle != 'none' && parseFloat(outlineWidth) >= 2];
}})()
"""
SEEN = "each => each.checkVisibility() && each.getBoundingClientRect().height > 0"
MOST_PARTS = 4
"""A field of a date has a stop for each of its parts."""


def tabbed(look):
    """What the key Tab reaches, in order, until it has come around: the place of each control, and whether it shows."""
    look.run("document.activeElement.blur(); scrollTo(0, 0)")
    reached = []
    for _ in range(MOST_PARTS * look.run(f"{CONTROLS}.length")):
        look.tab.press("Tab")
        place, shows = look.run(FOCUSED)
        if place < 0 or (reached and place == 0):
            break
        if not reached or reached[-1][0] != place:
            reached.append((place, shows))
    return reached


@pytest.mark.parametrize("name", ["overview", "shop", "events", "customers", "live"])
def test_the_key_tab_reaches_each_control_in_order_and_shows_where_it_is(client, look, name):
    look.at(f"{client.base_url}/sites/shop/{name}{'' if name == 'live' else f'?{DAYS}'}")
    look.run("document.querySelectorAll('details').forEach(each => { each.open = true })")
    reached = tabbed(look)
    assert [place for place, _ in reached] == list(range(look.run(f"{CONTROLS}.length")))
    assert all(shows for _, shows in reached)


def focus_on(look, selector):
    for _ in range(300):
        look.tab.press("Tab")
        if look.run(f"document.activeElement.matches({selector!r})"):
            return
    pytest.fail(f"Tab never comes to {selector}")


def test_the_key_enter_opens_the_numbers_of_a_chart_and_filters_by_a_row(client, look):
    look.at(f"{client.base_url}/sites/shop/overview?{DAYS}")
    look.tab.press("Tab")
    assert look.run("document.activeElement.textContent") == "Skip to the figures"
    assert look.run("document.activeElement.getBoundingClientRect().left") >= 0
    focus_on(look, "#channels .numbers summary")
    look.tab.press("Enter")
    look.tab.wait(lambda: look.run("document.querySelector('#channels .numbers').open"))
    focus_on(look, "#channels .scroll")
    focus_on(look, "#channels tbody a")
    look.tab.press("Enter")
    look.tab.wait(lambda: "channel=Direct" in look.run("location.href"))
    look.tab.wait(lambda: look.run("document.querySelector('.filters').textContent.includes('Direct')"))


AS_PRINTED = f"""
addEventListener('beforeprint', () => {{
    const seen = selector => [...document.querySelectorAll(selector)].map({SEEN});
    window.printed = {{
        tables: seen('.card table'), drawings: seen('.plot svg'), controls: seen('button, input, summary, nav, .download'),
        scheme: getComputedStyle(document.documentElement).colorScheme,
        isWhole: [...document.querySelectorAll('.scroll')].every(each => each.scrollHeight <= each.clientHeight + 1),
    }};
}})
"""


@pytest.mark.parametrize("name", ["overview", "shop"])
def test_on_paper_each_chart_has_its_numbers_and_no_control_is_left(client, look, name):
    look.at(f"{client.base_url}/sites/shop/{name}?{DAYS}", theme="dark")
    look.tab.command("Emulation.setEmulatedMedia", media="print")
    look.run(AS_PRINTED)
    try:
        pdf = base64.b64decode(look.tab.command("Page.printToPDF", printBackground=True)["data"])
        printed = look.run("window.printed")
        is_open = look.run("[...document.querySelectorAll('.numbers')].some(each => each.open)")
    finally:
        look.tab.command("Emulation.setEmulatedMedia", media="")
    assert pdf.startswith(b"%PDF")
    assert len(printed["tables"]) > 4
    assert all(printed["tables"])
    assert printed["drawings"] == [True] * look.run("document.querySelectorAll('.plot').length")
    assert not any(printed["controls"])
    assert (printed["scheme"], printed["isWhole"], is_open) == ("light", True, False)
