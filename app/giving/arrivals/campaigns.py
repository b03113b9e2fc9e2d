"""Campaigns as staff state them: what they are called in links, when they run, goal and cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.accounts import audit
from app.extensions import db
from app.giving.models import Campaign
from app.money import Money


class UnknownCampaign(LookupError):
    """There is no such campaign."""


class CampaignTaken(ValueError):
    """A campaign of this name overlaps: a gift would belong to both."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What staff state of a campaign. `name` is as touches have it; `ends_on` is its last day."""

    name: str
    starts_on: date
    ends_on: date
    goal: Money | None
    cost: Money


def everything() -> Sequence[Campaign]:
    """Return every campaign, the newest first."""
    return db.session.scalars(
        select(Campaign).order_by(Campaign.starts_on.desc(), Campaign.id.desc())
    ).all()


def find(campaign_id: int) -> Campaign:
    """Return a campaign. Raises `UnknownCampaign`."""
    found = db.session.get(Campaign, campaign_id)
    if found is None:
        raise UnknownCampaign(str(campaign_id))
    return found


def add(terms: Terms, *, by: int, now: datetime) -> Campaign:
    """State a campaign; commits. Raises `CampaignTaken`."""
    _refuse_overlap(terms, None)
    campaign = Campaign()
    _write(campaign, terms, now)
    db.session.add(campaign)
    db.session.flush()
    _note(by, "campaign_stated", campaign, now)
    db.session.commit()
    return campaign


def change(campaign_id: int, terms: Terms, *, by: int, now: datetime) -> None:
    """State a campaign anew; commits. Raises `UnknownCampaign`, `CampaignTaken`."""
    campaign = _locked(campaign_id)
    _refuse_overlap(terms, campaign_id)
    _write(campaign, terms, now)
    _note(by, "campaign_changed", campaign, now)
    db.session.commit()


def remove(campaign_id: int, *, by: int, now: datetime) -> None:
    """Remove what was stated of a campaign; its touches stay; commits. Raises `UnknownCampaign`."""
    campaign = _locked(campaign_id)
    _note(by, "campaign_removed", campaign, now)
    db.session.delete(campaign)
    db.session.commit()


def _write(campaign: Campaign, terms: Terms, now: datetime) -> None:
    goal = terms.goal.minor if terms.goal else None
    before = (campaign.name, campaign.starts_on, campaign.ends_on, campaign.goal_minor)
    if before != (terms.name, terms.starts_on, terms.ends_on, goal):
        campaign.stated_at = now
    campaign.name = terms.name
    campaign.starts_on, campaign.ends_on = terms.starts_on, terms.ends_on
    campaign.currency, campaign.goal_minor = terms.cost.currency, goal
    campaign.cost_minor = terms.cost.minor


def _note(by: int, act: str, campaign: Campaign, now: datetime) -> None:
    audit.note(
        by,
        act,
        "campaign",
        campaign.id,
        now=now,
        campaign_name=campaign.name,
        goal_text=campaign.goal and f"{campaign.goal.major} {campaign.currency}",
        cost_text=f"{campaign.cost.major} {campaign.currency}",
    )


def _refuse_overlap(terms: Terms, but: int | None) -> None:
    """Raise `CampaignTaken` where days of another one of the name are the same.

    Two members of staff who state the same at the same instant both pass; a unique key refuses
    only the same first day, and the list shows both.
    """
    found = db.session.scalars(
        select(Campaign.id).where(
            Campaign.name == terms.name,
            Campaign.id != (but or 0),
            Campaign.starts_on <= terms.ends_on,
            Campaign.ends_on >= terms.starts_on,
        )
    ).first()
    if found is not None:
        raise CampaignTaken(terms.name)


def _locked(campaign_id: int) -> Campaign:
    found = db.session.get(Campaign, campaign_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise UnknownCampaign(str(campaign_id))
    return found
