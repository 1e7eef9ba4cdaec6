"""What is reported without a call, each until a site switches it off; and what a site says of its pages."""

from tests.support.browser.person import scenario
from tests.support.browser.website import BODY

LINKS = """<a id="away" target="_blank" href="http://elsewhere.example:{port}/there">away</a>
<a id="file" href="/price-list.pdf" download>file</a>
<form id="search" name="find"><input name="q" autofocus></form>
<button id="broken" onclick="nowhere.to.be.found()">broken</button>
<a id="two" href="/two">two</a><main style="height: 3000px"></main>"""
NAMES = ("outbound_link_clicked", "file_downloaded", "form_submitted", "javascript_error", "web_vital_measured")


def do_all(person) -> None:
    """Follow a link away, take a file, submit a form, meet an error."""
    person.put_all(body=BODY)
    person.put("/one", LINKS.format(port=person.website.port))
    tab = person.open("/one")
    tab.run("addEventListener('submit', (event) => event.preventDefault())")
    tab.click("#away")
    tab.stay(0.5)
    tab.show()
    tab.click("#file")
    tab.click("#search input")
    tab.press("Enter")
    tab.click("#broken")
    tab.stay(2)


@scenario
def test_links_away_files_forms_errors_and_web_vitals_are_reported(person):
    do_all(person)
    published = yield
    counts = {name: published.count(name) for name in NAMES[:-1]}
    assert counts == dict.fromkeys(NAMES[:-1], 1)
    assert published.properties("outbound_link_clicked")[0]["url"].endswith("/there")
    assert published.properties("file_downloaded")[0]["url"].endswith("/price-list.pdf")
    assert "nowhere" in published.properties("javascript_error")[0]["message"]
    assert published.count("web_vital_measured") > 0
    assert published.paths() == ["/one"]


@scenario
def test_what_a_site_switches_off_is_not_reported(person):
    switches = ("outbound", "downloads", "forms", "errors", "vitals")
    person.attributes = " ".join(f"data-{name}=off" for name in switches)
    do_all(person)
    published = yield
    assert [name for name in NAMES if published.count(name)] == []
    assert published.paths() == ["/one"]


@scenario
def test_a_page_that_is_missing(person):
    person.put("/gone", script=person.script("data-status=404"), status=404)
    person.open("/gone").stay(1)
    person.open("/one").stay(1)
    published = yield
    assert [event.page_url for event in published.named("page_not_found")] == [f"{person.origin}/gone"]


@scenario
def test_types_of_pages_by_rules(person):
    person.attributes = 'data-page-type="/=homepage, /offers/*=offer"'
    person.put_all(body=BODY)
    for path in ("/", "/offers/17", "/one"):
        tab = person.open(path)
        tab.stay(0.5)
        tab.close()
    published = yield
    assert published.page_views("page_path", "page_type", "page_identifier") == [
        ("/", "homepage", None),
        ("/offers/17", "offer", "17"),
        ("/one", None, None),
    ]


@scenario
def test_a_page_that_describes_itself(person):
    tab = person.open("/one")
    tab.run("footfall.page({type: 'offer', identifier: 17, title: 'A chair', properties: {colour: 'red'}})")
    tab.stay(1)
    published = yield
    described = published.page_views("page_path", "page_type", "page_identifier", "page_title")
    assert described == [("/one", "offer", "17", "A chair")]
    assert published.properties("page_viewed")[0]["colour"] == "red"


@scenario
def test_the_verbs_of_a_shop(person):
    tab = person.open("/one")
    tab.run("footfall.checkoutStarted({checkout_id: 'c1', total_amount: 12.5, currency: 'EUR'})")
    tab.run("footfall.orderPlaced({order_id: '17', amount: 12.5, currency: 'EUR'})")
    assert tab.complaints() == []
    tab.run("footfall.orderPlaced({order_id: '18'})")
    assert any("order_placed" in line for line in tab.complaints())
    published = yield
    assert published.orders("order_id", "amount", "currency")[0] == ("17", 12.5, "EUR")
