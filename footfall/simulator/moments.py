"""The parts that journeys are made of: landing, reading, signing in, chatting, leaving.

Waits stay under 29 minutes, but for the pause of exactly the timeout that some people make.
"""

from footfall.simulator.session import MINUTE, Recorder
from footfall.simulator.sites import SOURCE_WEIGHTS, SOURCES, Page, pages_of


def land(recorder: Recorder, page: Page) -> None:
    """Open the first page, coming from somewhere."""
    source = recorder.random.choices(SOURCES, SOURCE_WEIGHTS)[0]
    recorder.session.traffic = source.traffic
    recorder.view(page, source.referrer, source.query)


def read(recorder: Recorder) -> None:
    """Read the page for a while: one or two pings, now and then exactly at an engagement threshold."""
    random = recorder.random
    for _ in range(random.choices((1, 2), (70, 30))[0]):
        engaged_ms = random.choice((9_999, 10_000)) if random.random() < 0.06 else random.randint(300, 30_000)
        scroll_depth = random.choice((24, 25)) if random.random() < 0.06 else random.randint(0, 100)
        clicks = random.choices(range(6), (45, 25, 14, 9, 5, 2))[0]
        recorder.wait_exactly(engaged_ms + random.randint(0, 20_000))
        recorder.note("page_engaged", engaged_ms=engaged_ms, scroll_depth=scroll_depth, clicks=clicks)
    if random.random() < 0.01:
        recorder.note("slow_response", duration_ms=random.randint(2000, 9000))


def maybe_sign_in(recorder: Recorder) -> None:
    """Sign in at random, if a person on this device has an account."""
    device, random = recorder.device, recorder.random
    if device.user is None and device.owners and random.random() < 0.5:
        recorder.wait(3, 30)
        recorder.sign_in(random.choice(device.owners))


def chat(recorder: Recorder) -> None:
    """Open the widget and perhaps write to it."""
    random = recorder.random
    recorder.wait(1, 20)
    recorder.note("widget_opened", triggered_by=random.choice(("button", "timer", "exit_intent")))
    if random.random() < 0.5:
        recorder.note("pre_chat_form_shown")
        recorder.wait(5, 60)
        if random.random() < 0.7:
            recorder.note("pre_chat_form_submitted")
    for _ in range(random.choices(range(5), (30, 25, 20, 15, 10))[0]):
        recorder.wait(3, 60)
        recorder.note("message_sent", length=random.randint(3, 400))
        if random.random() < 0.03:
            recorder.wait(0.1, 2)
            recorder.note("api_error", status=503, path="/chat/messages")
            continue
        if random.random() < 0.9:
            response_ms = random.randint(200, 60_000)
            recorder.wait_exactly(response_ms)
            recorder.note("message_received", response_ms=response_ms)
    if random.random() < 0.2:
        recorder.wait(1, 30)
        recorder.note("feedback_given", rating=random.randint(1, 5))
    if random.random() < 0.6:
        recorder.wait(1, 10)
        recorder.note("widget_minimized")


def leave(recorder: Recorder) -> None:
    """Go: silently, by closing the page (and perhaps opening it again), or signing out."""
    random = recorder.random
    maybe_pause(recorder)
    if recorder.device.user and random.random() < 0.15:
        recorder.wait(1, 60)
        recorder.sign_out()
    elif random.random() < 0.5:
        recorder.wait(0.5, 30)
        recorder.note("session_ended", reason="page_unload")
        if random.random() < 0.1:
            recorder.wait(30, 1700)
            recorder.view(random.choice(pages_of(recorder.session.site)))


def maybe_pause(recorder: Recorder) -> None:
    """Pause now and then for exactly the timeout: it is still the same session."""
    if recorder.random.random() < 0.015:
        recorder.resume_after(30 * MINUTE)
        recorder.view(recorder.random.choice(pages_of(recorder.session.site)))
