"""What the elements show, in words: nothing of it is about anybody who reads."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from redis import RedisError

from app.appeals import appeals, goals, latest, progress, rules
from app.appeals.models import Appeal, Goal
from app.appeals.progress import Reached
from app.appeals.rules import USUAL, VARIANTS, GoalKind
from app.current import newsroom, settings
from app.giving.rules import CURRENCIES, Interval
from app.localisation import current_locale, format_day, format_money
from app.money import Money
from app.voting import rounds
from app.voting.models import Round
from app.voting.words import alphabetical

#: How long a figure is kept that was worked out; with the feed's own time it is a minute at most.
KEPT_SECONDS = 30
#: In which order periods are offered.
PERIODS = (Interval.MONTH, Interval.YEAR, Interval.ONCE)


def frame(label: str) -> dict[str, Any]:
    """Return what every element needs: its language, its name and the newsroom's colours."""
    colours = newsroom().colours
    return {
        "lang": current_locale(),
        "label": label,
        "colours": {"accent": colours.accent, "accent_dark": colours.accent_dark},
    }


def appeal(article: str, section: str, currency: str, *, now: datetime) -> dict[str, Any]:
    """Return the appeal of a page, in the language of the moment; two statements.

    A currency that is not offered is the first.
    """
    found = appeals.shown(article, section, current_locale(), now=now)
    return written(found, rounds.current(now), currency)


def written(found: Appeal | None, open_round: Round | None, currency: str = "") -> dict[str, Any]:
    """Write an appeal as its element shows it; None for what the newsroom's file says."""
    locale, offered = current_locale(), settings().currencies
    currency = currency if currency in offered else offered[0]
    own = found.amounts.get(currency, {}) if found else {}
    return frame(_("Support %(newsroom)s", newsroom=newsroom().name.within(locale))) | {
        "variants": _variants(found, locale),
        "currency": currency,
        "periods": [_period(period, own.get(period), currency) for period in PERIODS],
        "words": {
            "often": _("How often"),
            "amount": _("Amount"),
            "other": _("Other ways to support"),
            # What `pass.js` says: by which a patron is asked no more.
            "known": _("I am a patron already"),
            "unknown": _("You have no pledge in standing, so you are asked like everybody."),
            "forget": _("Do not know me here any more"),
        },
        "give": url_for("giving.give"),
        "other": url_for("giving.other_ways"),
        "thanks": _thanks(open_round),
    }


def _variants(found: Appeal | None, locale: str) -> list[dict[str, str]]:
    if found is None:
        words = newsroom().appeal
        usual = {
            "headline": words.headline.within(locale),
            "text": words.text.within(locale),
            "button": _("Become a patron"),
        }
        return [{"tag": USUAL} | usual]
    return [
        {"tag": rules.tag(found.id, found.edition, variant)}
        | {"button": _("Become a patron")}
        | {name: text for name, text in found.texts[variant][locale].items() if text}
        for variant in VARIANTS
        if locale in found.texts.get(variant, {})
    ]


def _period(period: Interval, own: Sequence[int] | None, currency: str) -> dict[str, Any]:
    minors = own or CURRENCIES[currency].suggested(period)
    label = {
        Interval.MONTH: _("Monthly"),
        Interval.YEAR: _("Yearly"),
        Interval.ONCE: _("Once"),
    }
    return {
        "interval": period.value,
        "label": label[period],
        # Who gives once becomes no patron.
        "button": _("Give once") if period is Interval.ONCE else None,
        "amounts": [
            [rules.typed(minor, currency), format_money(Money(minor, currency))] for minor in minors
        ],
    }


def _thanks(open_round: Round | None) -> dict[str, Any]:
    """What a patron reads in place of the appeal."""
    return {
        "line": _("You are a patron. Thank you: this reporting is there because of you."),
        "round": open_round and _("Patrons are voting now: %(title)s", title=open_round.title),
        "link": open_round and _link(_("Vote on topics"), "voting.ballot", slug=open_round.slug),
    }


def round_(*, now: datetime) -> dict[str, Any]:
    """Return the round that is open with its topics, else the newest result; two statements.

    Nothing of an open round but what its ballot says: no count, no turnout.
    """
    told = frame(_("What patrons vote about"))
    if open_round := rounds.current(now):
        closes = format_day(open_round.closes_at)
        standing = [topic for topic in open_round.topics if topic.withdrawn_at is None]
        return told | {
            "state": "open",
            "heading": _("Patrons are voting now"),
            "title": open_round.title,
            "topics": [topic.title for topic in alphabetical(standing)],
            "closes": _("The vote is open until %(day)s", day=closes),
            "link": _link(_("Vote on topics"), "voting.ballot", slug=open_round.slug),
        }
    if newest := latest.result():
        return told | {
            "state": "result",
            "heading": _("What patrons chose"),
            "title": newest.title,
            "topics": newest.winners,
            "closes": "",
            "link": _link(_("See the result"), "voting.result", slug=newest.slug),
        }
    return told | {"state": "none"}


def goal(goal_id: int | None, *, now: datetime) -> dict[str, Any]:
    """Return a goal with how far it is; at most two statements, and none while it is kept."""
    # A page that names goal 0, which is none, must not answer for those that name none.
    name = f"hromada:goal:{'' if goal_id is None else goal_id}:{current_locale()}"
    redis = current_app.extensions["redis"]
    try:
        kept = redis.get(name)
    except RedisError:
        kept = None
    if kept:
        found: dict[str, Any] = json.loads(kept)
        return found
    shown = goals.shown(goal_id, now=now)
    told = frame(_("Our goal")) | (_goal(shown, now) if shown else {"state": "none"})
    try:
        redis.set(name, json.dumps(told), ex=KEPT_SECONDS)
    except RedisError:
        return told
    return told


def _goal(found: Goal, now: datetime) -> dict[str, Any]:
    reached, over = progress.reached(found, now=now), progress.ends(found)
    have, ended = reached.value, over is not None and over <= now
    return {
        "state": "ended" if ended else "open",
        "title": within(found.titles, current_locale()),
        "reached": figure(found, have),
        "target": figure(found, found.target),
        # Of a whole of 100; what went back may have been more than what came.
        "share": max(0, have * 100 // found.target),
        "sentence": goal_sentence(found, have),
        "until": " · ".join(filter(None, (_until(found, ended), _left_out(reached)))),
        "link": None if ended else _link(_("Become a patron"), "giving.give"),
    }


def figure(found: Goal, value: int) -> str:
    """Write a figure of a goal: patrons as a number, money in its currency."""
    return str(value) if found.currency is None else format_money(Money(value, found.currency))


def goal_sentence(found: Goal, reached: int) -> str:
    """Say how far a goal is, of what, and by which measure."""
    have, whole = figure(found, reached), figure(found, found.target)
    match found.kind:
        case GoalKind.PATRONS:
            return _("%(have)s of %(whole)s patrons", have=have, whole=whole)
        case GoalKind.MONTHLY:
            return _("%(have)s of %(whole)s a month from patrons", have=have, whole=whole)
    assert found.starts_on is not None
    day = format_day(found.starts_on)
    return _("%(have)s of %(whole)s given since %(day)s", have=have, whole=whole, day=day)


def _until(found: Goal, ended: bool) -> str:
    if found.ends_on is None:
        return ""
    day = format_day(found.ends_on)
    return _("Ended on %(day)s", day=day) if ended else _("Until %(day)s", day=day)


def _left_out(reached: Reached) -> str:
    return _("What is given in other currencies is not counted here.") if reached.others else ""


def within(texts: Mapping[str, str], locale: str) -> str:
    """Return a text in a language, else in the first it is written in."""
    return texts.get(locale) or next(iter(texts.values()))


def _link(text: str, endpoint: str, **names: Any) -> dict[str, str]:
    return {"text": text, "href": url_for(endpoint, **names)}
