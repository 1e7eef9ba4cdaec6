"""What people do once on a site: each function makes one session, of one kind, from landing to leaving.

When sessions start, and on which device, is decided in `traffic`.
"""

from footfall.simulator.moments import chat, land, leave, maybe_pause, maybe_sign_in, read
from footfall.simulator.session import MINUTE, Recorder
from footfall.simulator.shopping import book, check_out, maybe_look_at_order, maybe_pay_later, order_again
from footfall.simulator.sites import (
    CATEGORIES,
    COMMUNITIES,
    HELP_PAGES,
    HOME,
    OFFERS,
    Community,
    community_page,
    pages_of,
)


def visit_shop(recorder: Recorder) -> None:
    """Look at offers; some sign in, some buy, some come back for what they bought or were about to buy."""
    random = recorder.random
    land(recorder, random.choice((HOME, *CATEGORIES, *OFFERS)))
    if maybe_pay_later(recorder):
        leave(recorder)
        return
    maybe_look_at_order(recorder)
    if random.random() < 0.3:
        return
    read(recorder)
    maybe_sign_in(recorder)
    for _ in range(random.choices(range(1, 8), (20, 22, 20, 14, 10, 8, 6))[0]):
        recorder.wait(1, 40)
        recorder.view(random.choice(CATEGORIES if random.random() < 0.35 else OFFERS))
        read(recorder)
    if random.random() < 0.3:
        check_out(recorder)
    if recorder.device.user and random.random() < 0.15:
        recorder.wait(5, 60)
        recorder.note("review_posted", offer=random.choice(OFFERS).identifier, rating=random.randint(1, 5))
    if random.random() < 0.1:
        book(recorder)
    leave(recorder)


def visit_help(recorder: Recorder) -> None:
    """Read a help page beside the chat widget; some write to it."""
    random = recorder.random
    land(recorder, random.choice(HELP_PAGES))
    # The widget loads with the page in the same millisecond, so that the event id breaks the tie.
    recorder.note("widget_loaded")
    if random.random() < 0.25:
        return
    read(recorder)
    if random.random() < 0.03:
        recorder.note("widget_error", code=random.choice(("socket_closed", "bad_config")))
    if random.random() < 0.55:
        chat(recorder)
    if random.random() < 0.4:
        recorder.wait(2, 60)
        recorder.view(random.choice(HELP_PAGES))
        recorder.note("widget_loaded")
        read(recorder)
    leave(recorder)


def visit_community(recorder: Recorder) -> None:
    """Wander through communities; some sign in to join one."""
    random = recorder.random
    home_division = random.choice(COMMUNITIES).division if random.random() < 0.8 else None
    may_sign_in = random.random() < 0.5
    community = random.choice(COMMUNITIES)
    land(recorder, community_page(community.slug, 0))
    for number in range(random.choices(range(1, 7), (30, 25, 18, 12, 9, 6))[0]):
        if number:
            recorder.wait(1, 120)
            community = random.choice(COMMUNITIES) if random.random() < 0.3 else community
            recorder.view(community_page(community.slug, random.randint(1, 30)))
        _visit(recorder, community, home_division)
        if random.random() < 0.8:
            read(recorder)
        if may_sign_in and number == 1:
            maybe_sign_in(recorder)
    if random.random() < 0.03:
        recorder.note("api_error", status=502, path="/api/posts")
    leave(recorder)


def crawl(recorder: Recorder) -> None:
    """A bot fetches pages at an even pace and reads none; some of them press every button."""
    random = recorder.random
    pages = pages_of(recorder.session.site)
    for number in range(random.randint(1, 12)):
        if number:
            recorder.wait_exactly(10_000)
        recorder.view(random.choice(pages))
    if recorder.session.site == "shop" and random.random() < 0.15:
        check_out(recorder)
    if recorder.session.site == "community" and random.random() < 0.3:
        _visit(recorder, random.choice(COMMUNITIES), None)


def call_through_api(recorder: Recorder) -> None:
    """The site's server reports page views itself: nothing ever says how long a page was read."""
    random = recorder.random
    for number in range(random.randint(1, 6)):
        if number:
            recorder.wait(2, 400)
        elif random.random() < 0.3:
            recorder.note("slow_response", duration_ms=random.randint(2000, 9000))
            recorder.wait(1, 5)
        recorder.view(random.choice(OFFERS))
    if random.random() < 0.3:
        order_again(recorder)
    maybe_pause(recorder)


def show_on_wall(recorder: Recorder, until: int) -> None:
    """A screen turns its page every twenty minutes, for ever."""
    while recorder.now < until:
        recorder.view(community_page("town-1", 0))
        recorder.wait_exactly(20 * MINUTE)


def _visit(recorder: Recorder, community: Community, home_division: str | None) -> None:
    """Visit a community. Visitors without a known division send none; a community without one says so."""
    recorder.note(
        "community_visited",
        community_id=community.id,
        community_slug=community.slug,
        community_division_id=community.division,
        **({"visitor_division_id": home_division} if home_division else {}),
    )


JOURNEYS = {"shop": visit_shop, "widget": visit_help, "community": visit_community}
