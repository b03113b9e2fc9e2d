"""What a reader finds on a page: forms to send, headings, links."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Protocol

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


@dataclass
class _Form:
    action: str = ""
    values: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Collects every form of a page with what its controls hold."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self._open = False
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(_Form(given.get("action", "")))
            self._open = True
        elif self._open and tag == "input":
            self._input(given, {name for name, _ in attrs})
        elif self._open and tag == "select":
            self._select = given.get("name")
        elif self._open and tag == "option" and self._select and "selected" in given:
            self.forms[-1].values[self._select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False
        elif tag == "select":
            self._select = None

    def _input(self, given: dict[str, str], names: set[str]) -> None:
        kind, name = given.get("type", "text"), given.get("name")
        if not name or kind == "submit":
            return
        if kind in ("checkbox", "radio") and "checked" not in names:
            return
        self.forms[-1].values[name] = given.get("value", "on" if kind == "checkbox" else "")


class Page(Protocol):
    """An answer that is a page, whichever client fetched it."""

    @property
    def text(self) -> str:
        """The page's HTML."""
        ...


def forms_of(response: Page) -> list[_Form]:
    """Return every form of a page, in its order."""
    parser = _Forms()
    parser.feed(response.text)
    return parser.forms


def form_of(response: Page, *, action: str = "") -> dict[str, str]:
    """Return what the page's own form would send: hidden fields and what is filled in.

    The page's own form has no action or the one given; those of the frame, such as "Sign out",
    lead elsewhere. Falls back on the first form with a token.
    """
    forms = forms_of(response)
    for form in forms:
        if form.action == action:
            return form.values
    for form in forms:
        if "csrf_token" in form.values:
            return form.values
    raise AssertionError(f"no form on the page:\n{response.text}")


def send(
    client: FlaskClient, path: str, *, page: str | None = None, action: str = "", **values: str
) -> TestResponse:
    """Fetch a page, fill in its form as a reader would, and send it to `path`."""
    answer = client.get(page or path)
    assert answer.status_code == 200, f"{page or path} answered {answer.status_code}"
    return client.post(path, data=form_of(answer, action=action) | values)
