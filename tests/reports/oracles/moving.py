"""The table of movements, recounted movement by movement."""

from collections import defaultdict

from app.giving.rules import MovementKind
from app.localisation import format_month
from app.money import Money
from app.reports import report_words
from app.reports.figures import movements
from app.reports.shape import Asked
from tests.reports.lives import cells, opened, plain
from tests.reports.oracles.books import sums
from tests.reports.oracles.recurring import ledger, spans


def every_movement(of: Asked) -> None:
    """Each month's start, movements and end are what a walk over the ledger finds."""
    rows, answer = ledger(), movements.build(of)
    table = cells(answer)[0]
    expected = []
    until_now = [row for row in rows if row.at < spans(of)[-1][1]]
    # What nothing has ever moved in has no rows, also where it is asked for.
    known = {row.currency for row in until_now if of.currency in (None, row.currency)}
    for month, (since, until) in zip(of.months, spans(of), strict=True):
        for code in sorted(known):
            mine = [row for row in rows if row.currency == code]
            start = sum(row.yearly_minor for row in mine if row.at < since)
            moved: dict[str, list[int]] = defaultdict(list)
            for row in mine:
                if since <= row.at < until:
                    moved[row.kind].append(row.yearly_minor)
            each = [moved.get(kind) for kind in MovementKind]
            end = start + sum(sum(one) for one in moved.values())
            # A kind that did not happen is empty, and one that came to nothing is not.
            cells_ = [None if one is None else Money(sum(one), code) for one in each]
            expected.append(
                [format_month(month), code, Money(start, code), *cells_, Money(end, code)]
            )
    assert table == expected
    first, last = spans(of)[0][0], spans(of)[-1][1]
    within = [row for row in rows if first <= row.at < last and of.currency in (None, row.currency)]
    whole, *kinds = answer.figures
    assert list(whole.values) == sums((row.currency, row.yearly_minor) for row in within)
    assert {figure.label: list(figure.values) for figure in kinds} == {
        report_words.kind(kind): sums(
            (row.currency, row.yearly_minor) for row in within if row.kind == kind
        )
        for kind in MovementKind
        if any(row.kind == kind for row in within)
    }
    for behind, listed in opened(movements.REPORT, of, answer):
        assert sum(row[2].minor for row in listed) == plain(behind).minor, behind
