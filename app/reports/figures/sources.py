"""Sources of truth: whether what is here is what Stripe has, and whether the movements add up."""

from collections import Counter
from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from app.accounts.models import Account, Role
from app.desk import comparisons, differences, payment_words
from app.desk.models import Comparison, Difference
from app.extensions import db
from app.giving.books import movement_checks
from app.giving.books.movement_checks import Differing
from app.giving.models import MovementCheck
from app.payments.orders import SurveyKind
from app.reports.listing import AtHand
from app.reports.shape import (
    Answer,
    Asked,
    Behind,
    Figure,
    Group,
    Listing,
    Person,
    Report,
    Table,
    Value,
)

MOVEMENTS, ALL = "movements", "all"
#: How many of the newest comparisons stand in the table.
NEWEST = 10


def build(asked: Asked) -> Answer:
    """Tell what the newest comparison with Stripe and the newest proof of movements found."""
    newest, standing = comparisons.latest(NEWEST), differences.standing()
    proof = movement_checks.latest()
    wrong = len(_differing(asked, proof))
    done = _done(newest)
    return Answer(
        [
            Figure(
                _("Differences from Stripe"),
                [Behind(len(standing), ALL)],
                _("As they stand now. This must be 0."),
            ),
            Figure(
                _("Last compared with Stripe"),
                [done.finished_at if done else None],
                ngettext(
                    "%(num)s object was looked at.",
                    "%(num)s objects were looked at.",
                    done.looked_at,
                )
                if done
                else _("Never yet; it happens by night."),
            ),
            Figure(
                _("Pledges that the movements do not add up to"),
                [Behind(wrong, MOVEMENTS)],
                _("As they stand now. This must be 0."),
            ),
            Figure(
                _("Last proof of the movements"),
                [proof.at if proof else None],
                ngettext(
                    "%(num)s pledge was looked at.",
                    "%(num)s pledges were looked at.",
                    proof.pledges,
                )
                if proof
                else _("None yet; it is made by night."),
            ),
        ],
        tables=[_kinds(standing), _comparisons(newest)],
        alarm=_alarm(len(standing), wrong),
        mend=(_("Set the movements right"), "movements.show") if wrong else None,
    )


def _done(newest: Sequence[Comparison]) -> Comparison | None:
    """The newest comparison that came to its end."""
    return next((one for one in newest if one.finished_at and one.error is None), None)


def _alarm(standing: int, wrong: int) -> str:
    parts = []
    if standing:
        parts.append(
            ngettext(
                "%(num)s thing here is not what Stripe has.",
                "%(num)s things here are not what Stripe has.",
                standing,
            )
        )
    if wrong:
        parts.append(
            ngettext(
                "The movements do not add up to what %(num)s pledge promises.",
                "The movements do not add up to what %(num)s pledges promise.",
                wrong,
            )
        )
    return " ".join(parts)


def _kinds(standing: Sequence[Difference]) -> Table:
    counts = Counter((one.kind, one.what) for one in standing)
    rows: list[list[Value]] = []
    for kind in SurveyKind:
        cells: list[Value] = [
            Behind(counts[kind.value, what], f"{kind.value}:{what}") for what in payment_words.WHATS
        ]
        rows.append([str(payment_words.SURVEYS[kind]), *cells])
    return Table(
        _("Differences that stand now, by kind"),
        [_("Kind"), *(str(word) for word in payment_words.WHATS.values())],
        rows,
    )


def _comparisons(newest: Sequence[Comparison]) -> Table:
    return Table(
        _("The newest comparisons with Stripe"),
        [_("Asked for"), _("Finished"), _("Looked at"), _("Differences found"), _("Trouble")],
        [
            [
                one.asked_at,
                one.finished_at,
                one.looked_at,
                one.found,
                payment_words.trouble(one.error) if one.error else None,
            ]
            for one in newest
        ],
    )


def listed(asked: Asked, key: str) -> Listing:
    """List differences or pledges behind a figure. Raises `KeyError` for an unknown key."""
    if key == MOVEMENTS:
        table = table_of(_differing(asked, movement_checks.latest()))
        return Listing(table.caption, table.head, AtHand(table.rows))
    kind, _colon, what = key.partition(":")
    if key != ALL and (kind not in set(SurveyKind) or what not in payment_words.WHATS):
        raise KeyError(key)
    found = [
        one for one in differences.standing() if key == ALL or (one.kind, one.what) == (kind, what)
    ]
    return Listing(
        _("Differences from Stripe"),
        [_("At Stripe"), _("Kind"), _("What"), _("Here"), _("There"), _("Since")],
        AtHand([_written(one) for one in found]),
    )


def _written(one: Difference) -> list[Value]:
    return [
        one.object_id,
        str(payment_words.SURVEYS[SurveyKind(one.kind)]),
        str(payment_words.FIELDS.get(one.field, one.field) or payment_words.WHATS[one.what]),
        one.ours or None,
        one.theirs or None,
        one.found_at,
    ]


def table_of(found: Sequence[Differing]) -> Table:
    """Write pledges whose movements do not add up to what they promise by the year."""
    people = select(Account.id, Account.name).where(
        Account.id.in_({one.account_id for one in found})
    )
    names = {account.id: account.name for account in db.session.execute(people)}
    return Table(
        _("Pledges that the movements do not add up to"),
        [_("Name"), _("The movements, by the year"), _("The pledge, by the year")],
        [
            [Person(one.account_id, names[one.account_id]), one.entered, one.promised]
            for one in found
        ],
    )


def _differing(asked: Asked, proof: MovementCheck | None) -> Sequence[Differing]:
    """What differs now; every pledge is looked at again only where the proof has failed."""
    return movement_checks.differing(asked.now) if proof and proof.differing else ()


REPORT = Report(
    name="sources",
    group=Group.HOUSE,
    roles=(Role.FINANCE,),
    title=lambda: _("Sources of truth"),
    definition=lambda: _(
        "Whether what stands here is what Stripe has, and whether all movements together come to "
        "what the pledges promise: both must show no difference."
    ),
    build=build,
    listed=listed,
    by_period=False,
    by_currency=False,
)
