"""What the signs mean, in plain words, and how each thing that is wrong is mended."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from app.desk.again import Work
from app.desk.checkup import Owing, Signs
from app.desk.diagnosis import Line, doubtful, ill, well
from app.desk.stripe_health import at_stripe, told_by_stripe
from app.localisation import format_moment
from config.schedule import FILES, USUAL

#: A sign of life older than this is none; the beat asks for one every 30 seconds.
FRESH = timedelta(minutes=2)
#: What is due is done within seconds; after this it piles up.
LATE = timedelta(minutes=10)
#: The comparison is nightly.
COMPARED = timedelta(days=3)


def examine(signs: Signs) -> list[Line]:
    """Judge every sign, in the order in which one would mend them."""
    return [
        *at_stripe(signs),
        *told_by_stripe(signs),
        *_house(signs),
        *_owed(signs),
        _payouts_told(signs),
        *_compared(signs),
        _proven(signs),
    ]


def _house(signs: Signs) -> Iterator[Line]:
    name = _("Database")
    if signs.schema_current:
        yield well(name, _("It answers and its tables are current."))
    else:
        yield ill(name, _("Its tables are not this program's."), _("Run `flask db upgrade`."))
    if signs.pulse.queue:
        yield well(_("Queue"), _("Redis answers."))
        yield _worker(signs)
        if signs.pulse.workers:
            yield from _queues(signs.pulse.workers)
        yield _beat(signs)
    else:
        yield ill(
            _("Queue"),
            _("Redis does not answer."),
            _("Start Redis. Nothing is lost: what is owed stands in the database."),
        )
    name = _("Mail")
    if signs.mail_error is None:
        yield well(name, _("The mail server takes our letters."))
    else:
        yield ill(
            name,
            _("The mail server does not take letters: %(error)s.", error=signs.mail_error),
            _("Look at SMTP_URL: address, port, user and password. Letters wait meanwhile."),
        )


def _worker(signs: Signs) -> Line:
    name = _("Worker")
    if signs.pulse.workers:
        answering = len(signs.pulse.workers)
        return well(name, ngettext("%(num)s answers.", "%(num)s answer.", answering))
    return doubtful(
        name,
        _("None answered within a second."),
        _("A busy one may not. If work piles up below, start the worker again."),
    )


def _queues(workers: Sequence[frozenset[str]]) -> Iterator[Line]:
    """What none of the workers that answer does."""
    if not any(USUAL in queues for queues in workers):
        yield ill(
            _("Worker"),
            _("None of those that answer enters payments and sends letters."),
            _start(f"--queues {USUAL}"),
        )
    if not any(FILES in queues for queues in workers):
        yield doubtful(
            _("Worker for files"),
            _("None answered, so files that take long are not made."),
            _start(f"--queues {FILES} --concurrency 1 --hostname files@%h"),
        )


def _start(options: str) -> str:
    return _(
        "Start one with `celery -A tasks.worker:celery_app worker %(options)s`.", options=options
    )


def _beat(signs: Signs) -> Line:
    name, last = _("Beat"), signs.pulse.last
    if last is None:
        found = _("No worker has been asked for a sign of life yet.")
    elif last > signs.now - FRESH:
        return well(name, _("It asks for the work that is due."))
    else:
        found = _(
            "No worker was asked for a sign of life since %(when)s.", when=format_moment(last)
        )
    return ill(
        name,
        found,
        _(
            "If workers answer, the beat is down: start exactly one with "
            "`celery -A tasks.worker:celery_app beat`. If none answers, start a worker first."
        ),
    )


def _owed(signs: Signs) -> Iterator[Line]:
    kinds: list[tuple[str, Owing, str, Work | None]] = [
        (
            _("Events to settle"),
            signs.events,
            _("Look into the inbox: each failed one says why."),
            None,
        ),
        (
            _("Letters to send"),
            signs.letters,
            _("Look at the mail line above. A letter to a wrong address is given up alone."),
            None,
        ),
        (
            _("Fees to fetch"),
            signs.fees,
            _("Try again; if Stripe still does not tell them, ask Stripe's support."),
            Work.FEES,
        ),
        (
            _("Payouts to read"),
            signs.payouts,
            _("Try again. If Stripe refuses, its key may lack the right to read payouts."),
            Work.PAYOUTS,
        ),
        (
            _("Refunds to carry out"),
            signs.refunds,
            _("Try again. One that stays belongs to whoever maintains the program."),
            Work.REFUNDS,
        ),
        (
            _("Pledges to end"),
            signs.changes,
            _("Try again. One that stays: end it on the person's page, or at Stripe."),
            Work.ENDS,
        ),
        (
            _("Votes to open, count and seal"),
            signs.votes,
            _("Try again. One that stays says why in the log of the worker."),
            Work.VOTES,
        ),
    ]
    for name, owing, mend, again in kinds:
        late = owing.since is not None and owing.since < signs.now - LATE
        if owing.given_up:
            yield ill(
                name,
                ngettext("%(num)s was given up.", "%(num)s were given up.", owing.given_up),
                mend,
                again,
            )
        elif late and owing.since is not None:
            yield ill(
                name,
                _(
                    "%(count)s wait, the longest since %(when)s.",
                    count=owing.due,
                    when=format_moment(owing.since),
                ),
                _("Look at the worker and the beat above; start another worker if one is busy."),
            )
        else:
            yield well(name, _("Nothing is late."))


def _payouts_told(signs: Signs) -> Line:
    name, look = _("Payouts at Stripe"), signs.payout_look
    if look is None:
        return well(name, _("Stripe tells them."))
    return ill(
        name,
        _(
            "Stripe did not tell them on %(when)s: %(error)s.",
            when=format_moment(look.looked_at),
            error=look.error,
        ),
        _(
            "Let the key in STRIPE_API_KEY read payouts: in Stripe's Dashboard under Developers, "
            "API keys. It is asked again every half hour."
        ),
    )


def _compared(signs: Signs) -> Iterator[Line]:
    name = _("Differences")
    if signs.differences:
        yield ill(
            name,
            ngettext(
                "%(num)s difference between Stripe and here.",
                "%(num)s differences between Stripe and here.",
                signs.differences,
            ),
            _("Look at the differences and repair them."),
        )
    elif signs.compared_at is None:
        if signs.last_gift_at is None:
            yield well(name, _("Nothing to compare yet."))
        else:
            yield doubtful(
                name, _("Never compared."), _("It happens by night, or now if you ask for it.")
            )
    elif signs.compared_at < signs.now - COMPARED:
        yield doubtful(
            name,
            _("Last compared on %(when)s.", when=format_moment(signs.compared_at)),
            _("It happens by night: look at the beat above, or ask for a comparison now."),
        )
    else:
        yield well(name, _("None on %(when)s.", when=format_moment(signs.compared_at)))


def _proven(signs: Signs) -> Line:
    name = _("Movements of what recurs")
    if signs.unproven:
        return ill(
            name,
            ngettext(
                "They do not add up to %(num)s pledge.",
                "They do not add up to %(num)s pledges.",
                signs.unproven,
            ),
            _("Look at the report on sources of truth, and set them right there."),
        )
    if signs.proven_at is None:
        return well(name, _("Not proven yet; that happens by night."))
    if signs.proven_at < signs.now - COMPARED:
        return doubtful(
            name,
            _("Last proven on %(when)s.", when=format_moment(signs.proven_at)),
            _("It happens by night: look at the beat above."),
        )
    return well(name, _("They added up on %(when)s.", when=format_moment(signs.proven_at)))
