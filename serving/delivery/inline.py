"""A page as mail clients show it: styles on its elements, no variables, no style sheet. Knows tags and classes only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

_MEDIA = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_VARIABLE = re.compile(r"var\(--([a-z]+)\)")
_EMPTY = {"meta", "img", "br", "hr", "link", "input"}

_Element = tuple[str, frozenset[str]]
"""A tag and its classes."""


@dataclass(frozen=True)
class _Rule:
    path: tuple[_Element, ...]
    """The element, last, and elements that it is in."""
    style: str

    def holds_for(self, elements: list[_Element]) -> bool:
        """Whether it is about the last of these elements, each in the one before it."""
        if not _is(self.path[-1], elements[-1]):
            return False
        outer = iter(elements[:-1])
        return all(any(_is(wanted, each) for each in outer) for wanted in self.path[:-1])


def inlined(page: str, palette: Mapping[str, str]) -> str:
    """Return the page with the styles of its own sheet on its elements, in the colours of a palette."""
    css = "".join(_STYLE.findall(page))
    writer = _Writer(_rules(_MEDIA.sub("", css), palette))
    writer.feed(_STYLE.sub("", page))
    writer.close()
    return "".join(writer.written)


def _rules(css: str, palette: Mapping[str, str]) -> list[_Rule]:
    return [
        _Rule(tuple(map(_element, selector.split())), style)
        for selectors, declared in _RULE.findall(css)
        if (style := _style(declared, palette)) and ":" not in selectors
        for selector in selectors.split(",")
    ]


def _element(selector: str) -> _Element:
    tag, *classes = selector.split(".")
    return tag, frozenset(classes)


def _style(declared: str, palette: Mapping[str, str]) -> str:
    """Return declarations without variables. One whose variable is in no palette has its value before it."""
    known = _VARIABLE.sub(lambda found: palette.get(found[1], found[0]), declared)
    return "; ".join(each.strip() for each in known.split(";") if each.strip() and "var(" not in each)


def _is(wanted: _Element, element: _Element) -> bool:
    return wanted[0] in ("", element[0]) and wanted[1] <= element[1]


class _Writer(HTMLParser):
    """Writes a page again, with a style on each element that has one."""

    def __init__(self, rules: list[_Rule]) -> None:
        super().__init__(convert_charrefs=False)
        self.written: list[str] = []
        self._rules = rules
        self._open: list[_Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._open.append((tag, frozenset((given.pop("class", None) or "").split())))
        styles = [rule.style for rule in self._rules if rule.holds_for(self._open)]
        if all_styles := "; ".join(filter(None, [*styles, given.pop("style", None)])):
            given["style"] = all_styles
        if tag in _EMPTY:
            self._open.pop()
        of_tag = "".join(f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in given.items())
        self.written.append(f"<{tag}{of_tag}>")

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()
        self.written.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.written.append(data)

    def handle_entityref(self, name: str) -> None:
        self.written.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.written.append(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.written.append(f"<!{decl}>")
