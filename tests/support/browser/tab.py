"""A tab, and what one does with it by mouse, keys and the browser's own buttons. Times are seconds."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.support.browser.devtools import PATIENCE_SECONDS, Browser, Refused

KEYS = {"PageDown": 34, "End": 35, "ArrowDown": 40, "Tab": 9, "Enter": 13, " ": 32}
"""Keys that are no letters, and their numbers on Windows, which scripts read."""
CTRL = 2


@dataclass
class Tab:
    """A tab of the browser's window. Its page changes with prerendering, so that it is looked up by each command."""

    browser: Browser
    target: str
    session: str
    since: float = 0
    """From when the next `stay` counts: the page was opened or shown then, or the last stay was over."""

    @classmethod
    def attach(cls, browser: Browser, target: str) -> "Tab":
        """Watch a tab and its pages."""
        session = browser.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.command("Target.setAutoAttach", session, autoAttach=True, waitForDebuggerOnStart=False, flatten=True)
        tab = cls(browser, target, session)
        tab.wait(lambda: tab.pages(is_prerendered=False) != [])
        return tab

    def pages(self, is_prerendered: bool) -> list[str]:
        """The sessions of its pages: the one that is shown, or those that wait behind it."""
        sessions: dict[str, str] = {}
        infos: dict[str, dict[str, Any]] = {}
        for event in list(self.browser.events[self.session]):
            given = event["params"]
            match event["method"]:
                case "Target.attachedToTarget":
                    sessions[given["targetInfo"]["targetId"]] = given["sessionId"]
                    infos[given["targetInfo"]["targetId"]] = given["targetInfo"]
                case "Target.targetInfoChanged":
                    infos[given["targetInfo"]["targetId"]] = given["targetInfo"]
                case "Target.detachedFromTarget":
                    sessions = {
                        target: session for target, session in sessions.items() if session != given["sessionId"]
                    }
        return [
            session
            for target, session in sessions.items()
            if infos[target]["type"] == "page" and (infos[target].get("subtype") == "prerender") == is_prerendered
        ]

    @property
    def page(self) -> str:
        """The session of the page that the tab shows."""
        return self.pages(is_prerendered=False)[-1]

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command to the page."""
        return self.browser.command(method, self.page, **parameters)

    def run(self, script: str, page: str | None = None) -> Any:
        """Run a script as the page's own and return its value."""
        answer = self.browser.command(
            "Runtime.evaluate", page or self.page, expression=script, returnByValue=True, awaitPromise=True
        )
        if fault := answer.get("exceptionDetails"):
            raise Refused(fault.get("exception", {}).get("description", fault["text"]))
        return answer["result"].get("value")

    def wait(self, holds: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until something holds; a page that is just being replaced answers later."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if holds():
                    return
            except Refused:
                pass
            assert time.monotonic() < deadline, "the page did not come to that"
            time.sleep(0.03)

    def wait_for(self, condition: str) -> None:
        """Wait until a condition holds in the page."""
        self.wait(lambda: self.run(condition))

    def loaded(self, path: str | None = None) -> "Tab":
        """Wait until the page is loaded, and is this one."""
        there = f"location.pathname === '{path}'" if path else "location.protocol !== 'about:'"
        self.wait_for(f"document.readyState === 'complete' && (document.hidden || document.hasFocus()) && {there}")
        self.since = time.time()
        return self

    def complaints(self) -> list[str]:
        """The warnings and errors on the console of the page that is shown."""
        self.command("Runtime.enable")
        time.sleep(0.3)
        return [
            " ".join(map(self._written, event["params"]["args"]))
            for event in list(self.browser.events[self.page])
            if event["method"] == "Runtime.consoleAPICalled" and event["params"]["type"] in ("warning", "error")
        ]

    def _written(self, value: dict[str, Any]) -> str:
        """A value on the console as one reads it there."""
        if "objectId" not in value:
            return str(value.get("value"))
        given = {"objectId": value["objectId"], "returnByValue": True}
        written = "function () { return Object.values(this).map(String).join(' ') || String(this); }"
        return self.command("Runtime.callFunctionOn", functionDeclaration=written, **given)["result"].get("value", "")

    def cut_off(self, offline: bool = True) -> None:
        """Take the network from the page, or give it back."""
        self.command("Network.enable")
        self.command(
            "Network.emulateNetworkConditions",
            offline=offline,
            latency=0,
            downloadThroughput=-1,
            uploadThroughput=-1,
        )

    def stay(self, seconds: float) -> None:
        """Look at what is there. What other commands took since the last time is a part of it."""
        self.since += seconds
        time.sleep(max(0.0, self.since - time.time()))

    def sleep(self, seconds: float) -> None:
        """Close the laptop for a while, with this tab in front."""
        self.browser.sleep(seconds)
        self.since = time.time()

    def show(self) -> None:
        """Come to this tab from another one."""
        self.browser.command("Target.activateTarget", targetId=self.target)
        self.wait_for("!document.hidden && document.hasFocus()")
        self.since = time.time()

    def go(self, url: str) -> None:
        """Go to an address, as typed in the address bar."""
        self.command("Page.navigate", url=url)
        self.wait_for(f"document.readyState === 'complete' && location.href === {url!r}")
        self.loaded()

    def back(self) -> None:
        """Press the browser's button Back."""
        self._travel(-1)

    def forward(self) -> None:
        """Press the browser's button Forward."""
        self._travel(1)

    def _travel(self, steps: int) -> None:
        history = self.command("Page.getNavigationHistory")
        entry = history["entries"][history["currentIndex"] + steps]
        self.command("Page.navigateToHistoryEntry", entryId=entry["id"])
        self.wait_for(f"document.readyState === 'complete' && location.href === {entry['url']!r}")
        self.since = time.time()

    def close(self) -> None:
        """Close it."""
        self.browser.command("Target.closeTarget", targetId=self.target)
        self.wait(lambda: self.target not in self.browser.targets("tab"))

    def move(self, x: float, y: float) -> None:
        """Move the mouse."""
        self.command("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def click(self, selector: str, modifiers: int = 0) -> None:
        """Click an element that can be seen."""
        x, y = self.run(
            f"(() => {{ const place = document.querySelector({selector!r}).getBoundingClientRect();"
            " return [place.x + place.width / 2, place.y + place.height / 2]; })()"
        )
        self.move(x, y)
        for kind in ("mousePressed", "mouseReleased"):
            # The page that was clicked may be gone before it answers.
            with suppress(Refused):
                self.command(
                    "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1, modifiers=modifiers
                )

    def wheel(self, pixels: float) -> None:
        """Turn the wheel, down if positive, until the page has scrolled so far or can no further."""
        before = self.run("scrollY")
        wanted = f"Math.min({before + pixels}, document.documentElement.scrollHeight - innerHeight)"
        self.command("Input.dispatchMouseEvent", type="mouseWheel", x=300, y=300, deltaX=0, deltaY=pixels)
        self.wait_for(f"Math.abs(scrollY - {wanted}) < 2")

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        text = {"text": "\r" if key == "Enter" else key} if key == "Enter" or len(key) == 1 else {}
        number = KEYS.get(key) or ord(key.upper())
        common = {"key": key, "windowsVirtualKeyCode": number, "nativeVirtualKeyCode": number}
        self.command("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **common, **text)
        self.command("Input.dispatchKeyEvent", type="keyUp", **common)
