"""Every report there is, in the order in which staff find them."""

from app.reports.figures import (
    articles,
    at_risk,
    campaign_results,
    campaigns,
    cash,
    changes,
    churn,
    cohorts,
    concentration,
    deferred,
    failed_payments,
    fees,
    first_90,
    funnel,
    gifts_size,
    letters,
    lifetime,
    movements,
    participation,
    patrons,
    payouts,
    reasons,
    recurring,
    renewals,
    returns,
    revenue_churn,
    sources,
    votes_and_staying,
    win_back,
)
from app.reports.shape import Group, Report

REPORTS: tuple[Report, ...] = (
    movements.REPORT,
    recurring.REPORT,
    revenue_churn.REPORT,
    changes.REPORT,
    gifts_size.REPORT,
    concentration.REPORT,
    patrons.REPORT,
    churn.REPORT,
    cohorts.REPORT,
    first_90.REPORT,
    renewals.REPORT,
    lifetime.REPORT,
    reasons.REPORT,
    win_back.REPORT,
    articles.REPORT,
    campaigns.REPORT,
    campaign_results.REPORT,
    funnel.REPORT,
    failed_payments.REPORT,
    at_risk.REPORT,
    cash.REPORT,
    payouts.REPORT,
    deferred.REPORT,
    fees.REPORT,
    returns.REPORT,
    participation.REPORT,
    votes_and_staying.REPORT,
    letters.REPORT,
    sources.REPORT,
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
