"""Every report there is, in the order in which staff find them."""

from app.reports.figures import (
    cash,
    churn,
    failed_payments,
    fees,
    movements,
    patrons,
)
from app.reports.shape import Group, Report

REPORTS: tuple[Report, ...] = (
    movements.REPORT,
    patrons.REPORT,
    churn.REPORT,
    failed_payments.REPORT,
    cash.REPORT,
    fees.REPORT,
)


def by_group() -> list[tuple[Group, list[Report]]]:
    """Return the groups that have reports, each with its own."""
    found = [(group, [one for one in REPORTS if one.group is group]) for group in Group]
    return [(group, reports) for group, reports in found if reports]


def named(name: str) -> Report:
    """Return the report of a name. Raises `KeyError` when there is none."""
    for report in REPORTS:
        if report.name == name:
            return report
    raise KeyError(name)
