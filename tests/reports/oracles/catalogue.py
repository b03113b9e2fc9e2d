"""Which recount is held against which report, by its name; each is run on random lives."""

from collections.abc import Callable, Mapping

from app.reports.shape import Asked
from tests.reports.oracles import (
    articles,
    campaigns,
    cash,
    failing,
    house,
    lasting,
    leaving,
    moving,
    patrons,
    payouts,
    raised,
    recurring,
    staying,
    voting,
)

Oracle = Callable[[Asked], None]

#: Of lives as pledges alone tell them.
OF_PLEDGES: Mapping[str, tuple[Oracle, ...]] = {
    "movements": (moving.every_movement,),
    "recurring": (recurring.identity, recurring.recurs),
    "revenue-churn": (recurring.lost_and_kept,),
    "changes": (recurring.raised_and_lowered,),
    "gifts-size": (recurring.sizes,),
    "concentration": (recurring.sizes,),
    "patrons": (patrons.patrons_and_churn,),
    "churn": (patrons.patrons_and_churn,),
    "cohorts": (staying.cohorts_and_returns, staying.lists_of_stays),
    "first-90-days": (staying.cohorts_and_returns, staying.lists_of_stays),
    "win-back": (staying.cohorts_and_returns, staying.lists_of_stays),
    "articles": (articles.articles_bring, articles.sums_of_articles),
}
#: The same once everybody is known to have come from somewhere.
OF_TOUCHES: Mapping[str, tuple[Oracle, ...]] = {
    "campaigns": (campaigns.brought, campaigns.given_once_by_origin, campaigns.lists_of_origins),
}
#: Of lives in which money comes, fails, goes back and is paid out, and people wish to leave.
OF_MONEY: Mapping[str, tuple[Oracle, ...]] = {
    "movements": (moving.every_movement,),
    "cash": (cash.cash_by_month,),
    "fees": (cash.fees_and_covers,),
    "returns": (cash.refunds_and_disputes,),
    "payouts": (payouts.payouts_and_what_they_hold,),
    "deferred": (payouts.yearly_money,),
    "failed-payments": (failing.failures_and_recovery,),
    "at-risk": (failing.at_risk_now,),
    "reasons": (leaving.why_people_leave,),
    "renewals": (lasting.years_given_again,),
    "lifetime": (lasting.what_people_bring,),
    "letters": (house.letters_owed,),
    "sources": (house.sources_of_truth,),
}
#: The same once there were campaigns, visits and votes.
OF_MORE: Mapping[str, tuple[Oracle, ...]] = {
    "campaign-results": (raised.campaigns_raised,),
    "funnel": (raised.way_to_a_gift,),
    "participation": (voting.taking_part,),
    "votes-and-staying": (voting.who_stays_after_a_vote,),
}
#: Reports that no recount is held against, each with the reason.
WITHOUT: Mapping[str, str] = {}


def each(*parts: Mapping[str, tuple[Oracle, ...]]) -> list[Oracle]:
    """Return every recount of some parts once, in order."""
    return list(dict.fromkeys(one for part in parts for ones in part.values() for one in ones))
