"""The monthly round: drafted by a template, looked at by staff, opened and closed by the clock."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from babel.dates import format_date
from sqlalchemy import func, select

from app.accounts import approvals, audit
from app.accounts.approvals import AlreadyDecided, NobodyToApprove
from app.accounts.models import Account, Approval
from app.clock import utcnow
from app.current import zone
from app.extensions import db
from app.jobs import Job, enqueue_after_commit
from app.letters import letters
from app.voting import candidates, drafts, openings, rounds
from app.voting.announcements import editors
from app.voting.drafts import WARNING, RoundDraft
from app.voting.models import Receipts, RollRule, Round, RoundStatus
from app.voting.plans import RoundTemplate
from app.voting.staff_letters import NOT_READY
from app.voting.tally import Method, TieRule

#: The act a second member of staff agrees to: rounds that open with nobody looking.
ACT = "monthly_rounds"
#: So long before its opening a round is drafted.
LEAD = timedelta(days=10)
#: A month that was missed is drafted late as long as so much of the vote is left.
LEFT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """The monthly round as staff want it; times are the newsroom's."""

    is_on: bool
    opens_day: int
    opens_time: time
    days_open: int
    closes_time: time
    title: str
    intro: str
    method: Method
    tie_rule: TieRule
    roll_rule: RollRule
    max_choices: int
    seats: int
    quorum: int | None
    most_topics: int
    carried: int
    publish_after_hours: int | None
    opens_alone: bool


def find() -> RoundTemplate | None:
    """Return the newsroom's template; None while staff have not written one."""
    return db.session.scalars(select(RoundTemplate).order_by(RoundTemplate.id).limit(1)).first()


def _held() -> RoundTemplate | None:
    """The template for one member of staff at a time, the first one who writes it included."""
    name = func.hashtextextended("round_template", 0)
    db.session.execute(select(func.pg_advisory_xact_lock(name)))
    return db.session.scalars(
        select(RoundTemplate)
        .order_by(RoundTemplate.id)
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def save(plan: Plan, *, by: int, now: datetime) -> RoundTemplate:
    """Keep the template; commits. Rounds that are drafted already stay as they are.

    That its rounds open alone holds once a second member of staff agrees to the template as it is
    now, or at once where there is none. Openings before now are none of its business.
    """
    template = _held()
    if template is None:
        template = RoundTemplate()
        db.session.add(template)
    for name in Plan.__slots__:
        setattr(template, name, getattr(plan, name))
    template.since, template.changed_by, template.alone_since = now, by, None
    template.ask_again(now)
    db.session.flush()
    approvals.drop(ACT, template.id)
    if plan.is_on and plan.opens_alone:
        try:
            approvals.ask(ACT, template.id, by, now=now, letter=openings.LETTER)
        except NobodyToApprove:
            template.alone_since = now
    audit.note(by, "monthly_rounds_changed", "round_template", template.id, now=now, on=plan.is_on)
    enqueue_after_commit(Job.TURN_ROUNDS)
    db.session.commit()
    return template


def awaited() -> Approval | None:
    """Return the request that the template's rounds open alone, while it waits."""
    template = find()
    return approvals.awaited(ACT, template.id) if template else None


def decide(*, approved: bool, seen: int | None = None, by: int, now: datetime) -> None:
    """Agree that the template's rounds open alone, or decline; commits.

    `seen` is the request that the page has shown: a template changed meanwhile is not agreed to.
    Raises what `approvals.held_to` and `approvals.decide` raise; after these nothing has changed.
    """
    template = _held()
    try:
        if template is None:
            raise AlreadyDecided(ACT)
        waiting = approvals.held_to(approvals.awaited(ACT, template.id), seen)
        approvals.decide(waiting.id, by, approved=approved, now=now)
    except Exception:
        db.session.rollback()
        raise
    template.alone_since = now if approved else None
    act = "monthly_rounds_approved" if approved else "monthly_rounds_declined"
    audit.note(by, act, "round_template", template.id, now=now)
    db.session.commit()


def opening(template: RoundTemplate, month: date) -> datetime:
    """Return when the round of a month opens.

    A time that the clocks leave out becomes the same time after the change; of one that comes
    twice it is the first.
    """
    day = month.replace(day=template.opens_day)
    return datetime.combine(day, template.opens_time, tzinfo=zone()).astimezone(UTC)


def closing(template: RoundTemplate, month: date) -> datetime:
    """Return when the round of a month closes: by the calendar, whatever the clocks do between."""
    day = month.replace(day=template.opens_day) + timedelta(days=template.days_open)
    return datetime.combine(day, template.closes_time, tzinfo=zone()).astimezone(UTC)


def turn(template_id: int, *, now: datetime) -> None:
    """Draft the rounds that are due, one for each month, and be due for the next; commits.

    Late or twice it drafts the same: a month has one round, and one whose vote would be nearly
    over is passed by.
    """
    template = db.session.get_one(
        RoundTemplate, template_id, with_for_update=True, populate_existing=True
    )
    if not template.is_on:
        template.done()
        db.session.commit()
        return
    month = now.astimezone(zone()).date().replace(day=1)
    for candidate in (_before(month), month, _after(month), _after(_after(month))):
        opens = opening(template, candidate)
        if opens < template.since or now >= closing(template, candidate) - LEFT:
            continue
        if now < opens - LEAD:
            template.ask_again(opens - LEAD)
            break
        _draft(template, candidate, now)
    db.session.commit()


def _before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _after(month: date) -> date:
    return month + timedelta(days=monthrange(month.year, month.month)[1])


def _draft(template: RoundTemplate, month: date, now: datetime) -> None:
    made = select(Round.id).where(Round.template_id == template.id, Round.month == month)
    if db.session.scalar(made) is not None:
        return
    account = db.session.get(Account, template.changed_by) if template.changed_by else None
    name = format_date(month, "LLLL y", locale=account.locale if account else "en")
    round_ = Round(
        template_id=template.id, month=month, created_at=now, status=RoundStatus.DRAFT, topics=[]
    )
    drafts.fill(
        round_,
        RoundDraft(
            title=template.title.replace("{month}", name),
            intro=template.intro,
            topics=candidates.offered(template, now=now),
            opens_at=opening(template, month),
            closes_at=closing(template, month),
            max_choices=template.max_choices,
            seats=template.seats,
            method=Method(template.method),
            tie_rule=TieRule(template.tie_rule),
            quorum=template.quorum,
            roll_rule=RollRule(template.roll_rule),
            receipts=Receipts.WITH_CHOICES,
            publish_after_hours=template.publish_after_hours,
        ),
    )
    db.session.add(round_)
    db.session.flush()
    audit.note(None, "round_drafted", "round", round_.id, now=now, topics=len(round_.topics))


def attend(round_id: int, *, now: datetime) -> None:
    """Look after a template's draft: fill it, tell staff when it is not ready, open it; commits.

    It opens by itself only where two members of staff agreed to that for the whole template, and
    only with a choice to offer; a draft that staff asked to open is opened by their approval.
    """
    round_ = rounds.locked(round_id)
    opens = round_.opens_at
    if round_.status != RoundStatus.DRAFT or round_.template_id is None or opens is None:
        round_.done()
        db.session.commit()
        return
    template = db.session.get_one(RoundTemplate, round_.template_id)
    if round_.edited_at is None and openings.awaited(round_id) is None:
        drafts.offer(round_, candidates.offered(template, now=now))
    alone = template.is_on and template.alone_since is not None
    ready = alone and rounds.problem(round_, now) is None
    if now >= opens:
        if ready:
            approvals.drop(rounds.OPENING, round_id)
            rounds.open_(round_id, now=now)
            return
        _tell(round_id, "missed", now)
        round_.done()
    elif now >= opens - WARNING:
        if round_.warned_at is None and not ready:
            _tell(round_id, "soon", now)
        round_.warned_at = round_.warned_at or now
        drafts.look_again(round_)
    else:
        drafts.look_again(round_)
    db.session.commit()


def _tell(round_id: int, when: str, now: datetime) -> None:
    told = [(f"{round_id}:{when}:{account_id}", account_id) for account_id in editors()]
    letters.owe_each(NOT_READY, told, now=now)


def next_opening(template: RoundTemplate, *, now: datetime | None = None) -> datetime:
    """Return when the next round opens by the template's calendar, drafted or not."""
    now = now or utcnow()
    month = now.astimezone(zone()).date().replace(day=1)
    return next(at for m in (month, _after(month)) if (at := opening(template, m)) > now)
