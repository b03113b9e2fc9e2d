"""The short road of a cast: a ballot with which nothing is wrong needs no page."""

from collections import Counter
from datetime import datetime

from flask import Response, current_app, request
from flask_wtf.csrf import CSRFError

from app.accounts import sessions
from app.clock import utcnow
from app.extensions import csrf
from app.voting import casting, receipts
from app.voting.casting import Cast
from app.voting.fields import number

#: Whoever casts more often in a minute takes the long road, whose limit counts in all processes
#: together.
MOST = 10


class _Pace:
    """How often each account has cast in this minute, in this process.

    The limiter's own store in memory starts a thread for each account.
    """

    def __init__(self) -> None:
        self._minute, self._times = 0, Counter[int]()

    def allows(self, account_id: int, now: datetime) -> bool:
        """Count one more; whether it is within what one hand does."""
        minute = int(now.timestamp()) // 60
        if minute != self._minute:
            self._minute, self._times = minute, Counter()
        self._times[account_id] += 1
        return self._times[account_id] <= MOST


_pace = _Pace()


def cast(slug: str) -> Response | None:
    """Cast the ballot of this request; None for any that `routes.cast` has to explain.

    The same session, right and statement as there. Left out is what only a page needs: no
    reader is loaded, no language chosen, no policy written for a browser that shows nothing.
    """
    now = utcnow()
    voter = sessions.claimed(now=now)
    if voter is None or "\0" in slug or not _is_private():
        return None
    account_id, session_version = voter
    if not _is_of_our_page():
        return None
    ticked = [number(one) for one in request.form.getlist("choices")]
    seen_version = number(request.form.get("version", 0))
    if bool(ticked) == _is_ticked("none") or min([seen_version, *ticked]) < 0:
        return None
    if not _pace.allows(account_id, now):
        return None
    accepted = casting.attempt(account_id, session_version, slug, ticked, seen_version, now=now)
    return thank(slug, accepted) if accepted else None


def _is_of_our_page() -> bool:
    """Whether a page of ours sent this form, and no other site in its reader's name.

    A browser says so in a header that no page can set; where it does not, the form's token tells.
    """
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        return True
    try:
        csrf.protect()
    except CSRFError:
        return False
    return True


def _is_private() -> bool:
    """Whether nobody reads along; the long road leads who came without TLS to it."""
    return request.is_secure or not current_app.config["SESSION_COOKIE_SECURE"]


def _is_ticked(name: str) -> bool:
    return request.form.get(name) not in (None, "", "false", "False")


def thank(slug: str, accepted: Cast) -> Response:
    """Lead to the page that shows the receipt once; it lies below the address of the ballot."""
    there = f"{request.script_root}{request.path}/thanks"
    response = Response(status=303, headers={"Location": there, "Cache-Control": "no-store"})
    receipts.hand_over(response, slug, accepted)
    return response
