"""Sentences about appeals for staff."""

from collections.abc import Sequence
from datetime import datetime

from babel.numbers import format_decimal, format_percent
from flask_babel import gettext as _
from flask_babel import ngettext

from app.appeals import chances, comparison
from app.appeals.comparison import Outcome
from app.appeals.models import Appeal, Goal
from app.appeals.rules import GoalKind
from app.giving.rules import Interval
from app.localisation import current_locale, format_moment

#: With fewer patrons of both wordings together nothing is said of their difference.
FEWEST = 20
#: With so many a wording that makes half as many patrons again is found in four of five cases.
USUAL = 330


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
    if not chances.told_apart(first.patrons, second.patrons):
        return _(
            "Too early to tell: of a hundred patrons that both wordings make, the second may make "
            "anything from %(low)s to %(high)s. There are %(patrons)s patrons so far.",
            low=_of_100(found.low),
            high=_of_100(found.high),
            patrons=whole(first.patrons + second.patrons),
        )
    if second.patrons > first.patrons:
        return _(
            "The second wording makes more patrons: of a hundred that both make, between %(low)s "
            "and %(high)s. However often one looks, chance alone ever tells so in one of twenty "
            "comparisons at most.",
            low=_of_100(found.low),
            high=_of_100(found.high),
        )
    return _(
        "The first wording makes more patrons: of a hundred that both make, between %(low)s and "
        "%(high)s. However often one looks, chance alone ever tells so in one of twenty "
        "comparisons at most.",
        low=_of_100(1 - found.high),
        high=_of_100(1 - found.low),
    )


def _of_100(share: float) -> str:
    return str(format_decimal(share * 100, format="#,##0.0", locale=current_locale()))


def counted(goal: Goal, *, others: bool, ended: bool) -> str:
    """Say what a goal counts and what not; `others`: there is money in other currencies."""
    names = {"currency": goal.currency}
    match GoalKind(goal.kind):
        case GoalKind.PATRONS:
            said = [_("Counted are people with a pledge in standing that is not paused.")]
        case GoalKind.MONTHLY:
            said = [
                _("Counted are pledges in standing in %(currency)s, none that is paused.", **names)
            ]
        case GoalKind.RAISED:
            said = [_("Counted are gifts in %(currency)s, less what went back.", **names)]
    if goal.currency and others:
        said.append(_("What is given in other currencies is not counted, and there is some."))
    elif goal.currency:
        said.append(_("What is given in other currencies would not be counted; there is none."))
    if ended:
        said.append(_("All as it was at the end of the last day."))
    return " ".join(said)
