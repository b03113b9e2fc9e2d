"""What all hosted pages share: their headers, their language, money and days in words."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tests.sandbox.errors import Refusal
from tests.sandbox.shapes import Obj
from tests.sandbox.words import LANGUAGES, Words

#: No form-action: browsers apply it to the redirect after the form as well, and that
#: leads back to the product.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def frame(bp: Blueprint) -> None:
    """Give a blueprint's pages the headers of hosted pages and a page for wrong addresses."""
    bp.after_request(_guard)
    bp.register_error_handler(Refusal, _unknown)


def _guard(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _unknown(refusal: Refusal) -> ResponseReturnValue:
    words = Words(preferred())
    return render_template("closed.html", words=words, about="missing", link=None), 404


def preferred() -> str:
    """Give the language the browser asks for, of those the pages speak."""
    return request.accept_languages.best_match(LANGUAGES) or "en"


def language(asked: str | None, payer: Obj | None = None) -> str:
    """Give the language a page was ordered in; left open, the payer's or else the browser's."""
    if asked not in (None, "auto"):
        return str(asked)
    locales = (payer or {}).get("preferred_locales") or []
    return str(locales[0]) if locales else preferred()


def day(moment: int) -> str:
    """Write a day so that nobody takes the month for the day."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")


def typed() -> dict[str, str]:
    """Give what may be shown again after a refusal: never the number or the code."""
    sent = request.form if request.method == "POST" else {}
    return {"name": sent.get("name", ""), "exp": sent.get("exp", "")}


def away(url: str) -> ResponseReturnValue:
    """Lead on to another page."""
    return redirect(url, 303)
