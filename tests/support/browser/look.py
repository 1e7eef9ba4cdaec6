"""A look at a page in Chromium: what it logged, what it fetched, whether axe finds a barrier, and a picture of it."""

import base64
import json
from pathlib import Path
from typing import Any

from tests.support.browser.devtools import Browser
from tests.support.browser.tab import Tab
from tests.tools import TRACKER

AXE = TRACKER / "node_modules" / "axe-core" / "axe.min.js"
_LOGGED = {"Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"}


class Look:
    """A tab that looks at pages, one after the other."""

    def __init__(self, browser: Browser) -> None:
        target = browser.command("Target.createTarget", url="about:blank", forTab=True)["targetId"]
        self.tab = Tab.attach(browser, target)
        self.browser = browser
        for domain in ("Network", "Page", "Runtime", "Log"):
            self.tab.command(f"{domain}.enable")

    def keep(self, url: str, cookie: str, value: str) -> None:
        """Keep a cookie."""
        self.tab.command("Network.setCookie", url=url, name=cookie, value=value, httpOnly=True, sameSite="Strict")

    def at(self, url: str, width: int = 1280, theme: str = "light") -> "Look":
        """Open a page in a window so wide, of a system with this theme, and wait until its charts are drawn."""
        self.browser.events[self.tab.page].clear()
        self.tab.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        self.tab.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        self.tab.command("Page.navigate", url=url)
        self.tab.wait(lambda: self.run(f"document.readyState == 'complete' && location.href == {json.dumps(url)}"))
        self.tab.wait(lambda: self.run("!document.querySelector('.plot:not([data-drawn])')"))
        return self

    def run(self, script: str) -> Any:
        """Run a script on the page and return its value."""
        return self.tab.run(script)

    def _reported(self, *methods: str) -> list[dict[str, Any]]:
        return [event["params"] for event in list(self.browser.events[self.tab.page]) if event["method"] in methods]

    def logged(self) -> list[dict[str, Any]]:
        """What stands in the console since the page was opened."""
        return self._reported(*_LOGGED)

    def fetched(self) -> list[str]:
        """The addresses that were asked for since then."""
        return [sent["request"]["url"] for sent in self._reported("Network.requestWillBeSent")]

    def barriers(self) -> list[str]:
        """What axe finds, with all that can be opened open."""
        self.run("document.querySelectorAll('details').forEach(each => { each.open = true })")
        self.run(AXE.read_text() + "; 0")
        found = self.run("axe.run().then(found => JSON.stringify(found.violations))")
        return [
            f"{each['id']}: {node['html'][:200]} {node['failureSummary']}"
            for each in json.loads(found)
            for node in each["nodes"]
        ]

    def picture(self, file: Path, height: int | None = None) -> Path:
        """Take a picture of the whole page, or of its upper part."""
        size = self.run("({width: innerWidth, height: document.documentElement.scrollHeight})")
        clip = {"x": 0, "y": 0, "width": size["width"], "height": height or size["height"], "scale": 1}
        taken = self.tab.command("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        file.write_bytes(base64.b64decode(taken["data"]))
        return file
