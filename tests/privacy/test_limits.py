"""Time limits: each kind goes when the inventory says so, not before; and staff see the runs."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from app.accounts import audit, sign_ins
from app.accounts.models import AccountNote, AuditEntry, SignIn
from app.bank import imports
from app.bank.models import StatementImport, StatementLine
from app.clock import utcnow
from app.current import settings, zone
from app.desk import notes
from app.desk.models import Difference
from app.extensions import Base, db
from app.giving.models import Checkout, Donation, Pledge, SpentLink, Touch
from app.letters import letters
from app.letters.models import Letter
from app.payments.models import InboxEvent
from app.privacy import erasure_books, erasures, forgetting, limits
from app.privacy.erasure_models import Erasure
from app.privacy.inventory import catalogue
from app.privacy.limits import Limit, Span
from app.privacy.models import LimitRun
from tasks.accounts import forget
from tests.builders import AUGUST, a_pledge, a_reader, a_staff_member, a_touch
from tests.giving.gifts import a_gift_outside

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def count(model: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def an_event(body: dict[str, object] | None = None) -> None:
    about = {"id": "ch_1", "object": "charge", "billing_details": {"name": "Ann " * 200}}
    db.session.add(
        InboxEvent(
            id=f"evt_{uuid.uuid4().hex}",
            type="charge.succeeded",
            stripe_object_id="ch_1",
            body=body or {"id": "evt_1", "type": "charge.succeeded", "data": {"object": about}},
            received_at=AUGUST,
            settled_at=AUGUST,
        )
    )


def told_of_people() -> int:
    return sum("Ann" in str(body) for body in db.session.scalars(select(InboxEvent.body)))


def an_attempt() -> None:
    pledge = a_pledge(a_reader(), status="pending", started_at=None)
    pledge.stripe_subscription_id = None
    a_touch(pledge, article="winter")
    db.session.execute(update(Checkout).values(created_at=AUGUST))


def a_letter() -> None:
    letters.owe("sign_in", uuid.uuid4(), a_reader().id, now=AUGUST)
    db.session.execute(update(Letter).values(due_at=None))


def a_note() -> None:
    staff, account = a_staff_member(), a_reader()
    note = notes.write(account.id, "Called.", by=staff.id, now=AUGUST)
    notes.remove(account.id, note.id, by=staff.id, now=AUGUST)


def a_transfer() -> None:
    """A line of a statement that was booked as a gift."""
    staff = a_staff_member()
    gift = a_gift_outside(700, by=staff.id)
    of = StatementImport(name="a.csv", format="table", body_hash=b"1", uploaded_by_id=staff.id)
    of.uploaded_at = of.read_at = AUGUST
    db.session.add(of)
    db.session.flush()
    db.session.add(
        StatementLine(
            import_id=of.id,
            number=1,
            fingerprint=b"1",
            content_hash=b"1",
            booked_on=AUGUST.date(),
            amount_minor=700,
            currency="EUR",
            payer="Ann Marchenko",
            text="For the dam",
            bank_reference="REF 7",
            payer_account_hash=b"1",
            payer_account_last4="1234",
            status="booked",
            donation_id=gift.id,
            decided_by_id=staff.id,
            decided_at=AUGUST,
        )
    )


def told_of_payers() -> int:
    told = select(StatementLine.id).where(
        (StatementLine.payer + StatementLine.text + StatementLine.bank_reference) != ""
    )
    return len(db.session.scalars(told).all())


#: For each kind: how it is left in August, and how many are left of it.
LEFT: dict[str, tuple[Callable[[], object], Callable[[], int]]] = {
    "sign_in": (
        lambda: sign_ins.issue(
            uuid.uuid4(), a_reader().id, next_path="", expires_at=AUGUST + HOUR, now=AUGUST
        ),
        lambda: count(SignIn),
    ),
    "links": (
        lambda: db.session.add(SpentLink(token_hash=b"1", spent_at=AUGUST)),
        lambda: count(SpentLink),
    ),
    "bank_drafts": (
        lambda: imports.upload("a.csv", b"Date;Amount\n", by=a_staff_member().id, now=AUGUST),
        lambda: count(StatementImport),
    ),
    "attempts": (an_attempt, lambda: count(Checkout) + count(Touch) + count(Pledge)),
    "stripe_events": (an_event, told_of_people),
    "letters": (a_letter, lambda: count(Letter)),
    "notes": (a_note, lambda: count(AccountNote)),
    "erasure": (
        lambda: erasures.undo(erasures.ask(a_reader().id, now=AUGUST).id, now=AUGUST),
        lambda: count(Erasure),
    ),
    "audit": (
        lambda: audit.note(a_staff_member().id, "note_written", "note", 1, now=AUGUST),
        lambda: count(AuditEntry),
    ),
}


@pytest.mark.parametrize("key", LEFT)
def test_what_is_over_goes_at_its_period_and_not_before(app: Flask, key: str) -> None:
    leave, left = LEFT[key]
    leave()
    db.session.commit()
    limit = limits.named(key)
    period = limit.period()
    assert isinstance(period, timedelta)
    before, after = AUGUST + period - HOUR, AUGUST + period + HOUR
    there = left()
    assert there
    assert forgetting.run(limit, now=before) == 0
    assert left() == there
    assert forgetting.run(limit, now=after) == 1
    db.session.expire_all()
    assert left() == 0
    assert forgetting.run(limit, now=after) == 0


def test_every_period_that_readers_are_told_of_is_held_to() -> None:
    told = {kind.key for kind in catalogue.KINDS if kind.kept.period is not None}
    held = {key for limit in limits.LIMITS for key in (limit.key, *limit.also)} | limits.BY_ITSELF
    assert sorted(told - held) == []
    assert sorted(held - told) == []


def test_an_emptied_event_still_says_which_object_it_was_about(app: Flask) -> None:
    an_event()
    db.session.commit()
    forgetting.run(limits.named("stripe_events"), now=utcnow() + timedelta(days=365))
    (body,) = db.session.scalars(select(InboxEvent.body)).all()
    assert body == {
        "id": "evt_1",
        "type": "charge.succeeded",
        "data": {"object": {"id": "ch_1", "object": "charge"}},
    }


def test_differences_that_are_gone_go_with_what_stripe_told_and_those_that_stand_stay(
    app: Flask,
) -> None:
    for object_id, gone_at in (("pi_gone", AUGUST), ("pi_stands", None)):
        db.session.add(
            Difference(
                kind="charges",
                object_id=object_id,
                what="differs",
                field="amount",
                ours="5",
                theirs="6",
                found_at=AUGUST,
                gone_at=gone_at,
            )
        )
    db.session.commit()
    limit = limits.named("stripe_events")
    assert forgetting.run(limit, now=AUGUST + timedelta(days=settings().event_days) - HOUR) == 0
    assert forgetting.run(limit, now=AUGUST + timedelta(days=settings().event_days) + HOUR) == 1
    assert db.session.scalars(select(Difference.object_id)).all() == ["pi_stands"]


def test_what_waits_to_be_done_is_never_forgotten(app: Flask) -> None:
    an_event()
    a_letter()
    db.session.execute(update(InboxEvent).values(due_at=AUGUST, settled_at=None))
    db.session.execute(update(Letter).values(due_at=AUGUST))
    db.session.commit()
    for key in ("stripe_events", "letters"):
        assert forgetting.run(limits.named(key), now=AUGUST + timedelta(days=9999)) == 0


def test_who_paid_by_the_bank_is_forgotten_with_the_books_and_the_gift_stays(app: Flask) -> None:
    a_transfer()
    db.session.commit()
    limit = limits.named("bank_gifts")
    over = datetime(AUGUST.year + settings().books_years + 1, 1, 1, tzinfo=zone())
    assert erasure_books.kept_since(over - MINUTE) <= AUGUST
    assert forgetting.run(limit, now=over - MINUTE) == 0
    assert told_of_payers() == 1, "the books of that year are kept, and who paid with them"
    assert erasure_books.kept_since(over) > AUGUST
    assert forgetting.run(limit, now=over) == 1
    assert told_of_payers() == 0
    assert db.session.scalars(select(Donation.amount_minor)).all() == [700]


def test_a_period_made_shorter_takes_years_of_the_log_by_sets(app: Flask) -> None:
    staff = a_staff_member()
    for number in range(audit.SET + 3):
        audit.note(staff.id, "person_seen", "account", number, now=AUGUST)
    audit.note(staff.id, "person_seen", "account", 0, now=utcnow())
    db.session.commit()
    assert audit.forget(before=AUGUST + DAY) == audit.SET + 3
    assert count(AuditEntry) == 1


def test_a_paid_attempt_and_what_is_known_of_it_stays(app: Flask) -> None:
    a_touch(a_pledge(a_reader()))
    db.session.execute(update(Checkout).values(status="paid", created_at=AUGUST))
    db.session.commit()
    assert forgetting.run(limits.named("attempts"), now=utcnow() + timedelta(days=999)) == 0
    assert (count(Checkout), count(Touch), count(Pledge)) == (1, 1, 1)


def test_the_job_runs_each_limit_once_a_day_and_files_every_hour(app: Flask) -> None:
    forget()
    forget()
    assert count(LimitRun) == len(limits.LIMITS)
    soon = utcnow() + HOUR
    forgetting.run_due(now=soon)
    assert count(LimitRun) == len(limits.LIMITS) + sum(
        limit.every == HOUR for limit in limits.LIMITS
    )
    forgetting.run_due(now=soon + timedelta(days=401))
    old = select(func.count()).where(LimitRun.began_at < soon)
    assert db.session.scalar(old) == 0, "runs go too"


def test_one_limit_that_fails_is_kept_for_staff_and_stops_no_other(app: Flask) -> None:
    def fails(span: Span) -> int:
        db.session.execute(text("SELECT 1 / 0"))
        return 0

    broken = Limit("letters", fails)
    assert forgetting.run(broken, now=AUGUST) == 0
    (run,) = db.session.scalars(select(LimitRun)).all()
    assert (run.error, run.ended_at, run.gone) == ("DataError", None, None)
    forgetting.run_due(now=AUGUST)
    ended = db.session.scalars(select(LimitRun.limit_key).where(LimitRun.ended_at.is_not(None)))
    assert set(ended) == {limit.key for limit in limits.LIMITS}
