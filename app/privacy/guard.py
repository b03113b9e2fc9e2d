"""No answer of ours sets a cookie that the page about cookies does not list."""

import structlog
from flask import Response, current_app, session

from app.privacy.inventory.catalogue import COOKIES, SESSION_KEYS

log = structlog.get_logger()


class Unlisted(RuntimeError):
    """Something was to be kept in a browser that the inventory does not name."""


def only_listed(response: Response) -> Response:
    """Take from an answer every cookie that is not in the inventory, and say so in the log.

    In tests it raises `Unlisted` instead, for a key of the session's cookie as well.
    """
    cookies = response.headers.getlist("Set-Cookie")
    if not cookies:
        return response
    unlisted = sorted({_name(each) for each in cookies} - COOKIES)
    if current_app.testing and (unlisted or not SESSION_KEYS.issuperset(session)):
        raise Unlisted(unlisted or sorted(set(session) - SESSION_KEYS))
    if unlisted:
        log.error("unlisted_cookie", names=unlisted)
        kept = [each for each in cookies if _name(each) in COOKIES]
        response.headers.setlist("Set-Cookie", kept)
    return response


def _name(cookie: str) -> str:
    return cookie.partition("=")[0].strip()
