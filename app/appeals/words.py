"""Sentences about appeals for staff."""

from collections.abc import Sequence
from datetime import datetime

from babel.numbers import format_decimal, format_percent
from flask_babel import gettext as _
from flask_babel import ngettext

from app.appeals import chances, comparison
from app.appeals.comparison import Outcome
from app.appeals.models import Appeal
from app.giving.rules import Interval
from app.localisation import current_locale, format_moment

#: With fewer patrons of both wordings together nothing is said of their difference.
FEWEST = 20


def state(appeal: Appeal, now: datetime) -> tuple[str, str]:
    """Return where an appeal stands: its word and the kind of its tag."""
    if not appeal.is_on:
        return _("Off"), "plain"
    if appeal.until_at is not None and appeal.until_at <= now:
        return _("Over"), "plain"
    if appeal.from_at is not None and appeal.from_at > now:
        return _("Begins by itself"), "warn"
    return _("On"), "good"


def audience(appeal: Appeal) -> list[str]:
    """Say for which pages an appeal is, and when."""
    said = []
    if appeal.articles:
        count = len(appeal.articles)
        first = appeal.articles[0]
        said.append(
            ngettext(
                "For %(num)s article: %(first)s",
                "For %(num)s articles, %(first)s among them",
                count,
                first=first,
            )
        )
    if appeal.sections:
        said.append(_("For the sections %(names)s", names=", ".join(appeal.sections)))
    if not said:
        said.append(_("For all articles"))
    if appeal.from_at is not None:
        said.append(_("From %(moment)s", moment=format_moment(appeal.from_at)))
    if appeal.until_at is not None:
        said.append(_("Until %(moment)s", moment=format_moment(appeal.until_at)))
    return said


def wordings() -> dict[str, str]:
    """Return the names of the wordings."""
    return {"a": _("First wording"), "b": _("Second wording")}


def look(variant: str, language: str, *, many: bool) -> str:
    """Name one wording in one language; the language alone where there is one wording."""
    return f"{wordings()[variant]}, {language}" if many else language


def period(of: Interval) -> str:
    """Return the name of a period."""
    return {
        Interval.MONTH: _("Monthly"),
        Interval.YEAR: _("Yearly"),
        Interval.ONCE: _("Once"),
    }[of]


def percent(share: float) -> str:
    """Write a share with two decimals, as the language does."""
    return str(format_percent(share, format="#,##0.00 %", locale=current_locale()))


def whole(number: int) -> str:
    """Write a whole number as the language does."""
    return str(format_decimal(number, locale=current_locale()))


def verdict(of: Sequence[Outcome]) -> str:
    """Say whether two wordings can be told apart; empty where there are not two."""
    if len(of) < 2:
        return ""
    first, second = of
    if first.patrons + second.patrons < FEWEST:
        return _(
            "Too few readers became patrons to say anything: look again when there are "
            "%(fewest)s of both together.",
            fewest=FEWEST,
        )
    found = comparison.told(first, second)
    if not chances.told_apart(found):
        return _(
            "The difference cannot be told from chance: of 10,000 views the second wording may "
            "make anything from %(fewer)s patrons fewer to %(more)s more than the first.",
            fewer=_of_10_000(-found.low),
            more=_of_10_000(found.high),
        )
    if found.low > 0:
        return _(
            "The second wording makes more patrons: of 10,000 views between %(low)s and %(high)s "
            "more than the first. Chance alone tells so in one of twenty comparisons.",
            low=_of_10_000(found.low),
            high=_of_10_000(found.high),
        )
    return _(
        "The first wording makes more patrons: of 10,000 views between %(low)s and %(high)s more "
        "than the second. Chance alone tells so in one of twenty comparisons.",
        low=_of_10_000(-found.high),
        high=_of_10_000(-found.low),
    )


def _of_10_000(share: float) -> str:
    return str(format_decimal(share * 10_000, format="#,##0.0", locale=current_locale()))
