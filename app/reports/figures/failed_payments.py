"""Failed payments: how many renewals fail at first, and how many of these are won back."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row

from app.accounts.models import Role
from app.desk import money_lines
from app.localisation import format_month
from app.money import Money
from app.payments.facts import Remedy
from app.reports import failed, failed_tables, periods, report_words
from app.reports.failed import By, Failed, Outcome
from app.reports.listing import Found
from app.reports.periods import ALL
from app.reports.shape import (
    Answer,
    Asked,
    Chart,
    Figure,
    Group,
    Listing,
    Person,
    Report,
    Value,
)

#: The lists behind cells: what each one's renewals have in common.
LISTS: dict[str, dict[str, Sequence[Any]]] = {
    "failed": {},
    "closed": {"closed": (True,)},
    "open": {"closed": (False,)},
    **{
        outcome.value: {"closed": (True,), "outcome": (outcome.value,)}
        for outcome in (Outcome.RECOVERED, Outcome.LATE, Outcome.LOST)
    },
}
#: What rows are told apart by besides the month, as columns of a renewal.
KINDS = ("remedy", "decline_code", "by")


def build(asked: Asked) -> Answer:
    """Tell how many first attempts failed, and what became of those whose window is over."""
    found, earlier = failed.by_month(asked), failed.by_month(asked.before())
    at_once = failed.taken_at_once(asked)
    before = sum(failed.taken_at_once(asked.before()).values())
    return Answer(
        [
            Figure(
                _("First attempts that failed"),
                [
                    failed_tables.failing(
                        found, sum(at_once.values()), key=f"{ALL}:{ALL}:{ALL}::failed"
                    )
                ],
                _("Of all renewals that were tried in this time."),
                [failed_tables.failing(earlier, before)],
            ),
            Figure(
                _("Recovered within 28 days"),
                [failed_tables.recovered(found, key=f"{ALL}:{ALL}:{ALL}:")],
                _("Of those that failed and whose 28 days are over."),
                [failed_tables.recovered(earlier)],
            ),
            Figure(
                _("Of the money"),
                failed_tables.money(found),
                _("The same by what was to be paid, each currency apart."),
                failed_tables.money(earlier),
            ),
            Figure(
                _("28 days not over yet"),
                [failed_tables.cell(found, "open", f"{ALL}:{ALL}:{ALL}:")],
                _("Failed in this time, and in no share of what was recovered."),
            ),
        ],
        _chart(asked, found),
        [
            failed_tables.months_table(asked, found, at_once),
            failed_tables.money_table(found),
            failed_tables.remedies(found),
            failed_tables.codes(found),
            failed_tables.ways(found),
        ],
    )


def _chart(asked: Asked, found: Sequence[Failed]) -> Chart | None:
    if not found:
        return None
    return Chart(
        _("Renewals whose first attempt failed, by month"),
        [
            (
                report_words.short_month(month),
                format_month(month),
                failed_tables.count([one for one in found if one.month == month], "failed"),
            )
            for month, _since, _until in asked.spans()
        ],
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the renewals behind one cell. Raises `KeyError` for a key no cell has."""
    month, currency, kind, value, what = periods.parts_of(key, 5)
    when, since, until = periods.span_of(asked, month)
    wanted = dict(LISTS[what])
    if kind != ALL and kind not in KINDS:
        raise KeyError(key)
    if kind != ALL:
        wanted[kind] = (value,)
    code = periods.currency_of(currency) or asked.currency
    if code:
        wanted["currency"] = (code,)
    return Listing(
        _("Renewals that failed at first, %(when)s", when=when),
        [
            _("Name"),
            _("Failed on"),
            _("Amount"),
            _("What helps"),
            _("The bank's word"),
            _("Paid on"),
            _("Paid by"),
        ],
        Found(failed.rows_of(since, until, asked.now, **wanted), _written),
    )


def _written(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.failed_at,
        Money(row.amount_minor, row.currency),
        money_lines.remedy(Remedy(row.remedy)),
        (row.decline_code or "").replace("_", " "),
        row.paid_at,
        failed_tables.way(By(row.by)) if row.by else "",
    ]


REPORT = Report(
    name="failed-payments",
    group=Group.MONEY,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Failed payments and recovery"),
    definition=lambda: _(
        "Of the renewals that were tried, those whose first attempt failed, and of these the ones "
        "that were paid within 28 days of it."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "What failed less than 28 days ago is in no share of what was recovered, or the newest "
        "month would always look worst. First gifts that fail are no renewals and not counted."
    ),
)
