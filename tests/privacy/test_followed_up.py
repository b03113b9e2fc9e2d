"""What Stripe refuses of what came late: asked again, less and less often, and owners hear."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from flask import Flask
from flask.testing import FlaskClient

from app.clock import utcnow
from app.privacy import erasing, erasures
from tests.builders import a_reader, a_staff_member, signed_in
from tests.fakes import FakeGateway, FakeMailer
from tests.giving.gifts import letters_of
from tests.privacy.late import an_attempt, is_paid, settled, the_pledge
from tests.privacy.people import EMAIL, NAME, Faulty, asked_and_confirmed, carried_out

#: Between two runs of the job, and what is waited for at most.
BEAT, HOUR = timedelta(seconds=30), timedelta(hours=1)


def test_while_stripe_refuses_to_end_it_owners_are_told(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    owner, reader = a_staff_member(), a_reader(EMAIL, name=NAME)
    checkout, _pledge = an_attempt()
    erasure = asked_and_confirmed(reader.id)
    carried_out(erasure, gateway, mailer)
    is_paid(checkout, gateway)
    settled(checkout, gateway)
    gateway.refuses.add("end_now")
    beat, tried = utcnow(), 0
    while tried < erasing.STUCK_AFTER:
        assert letters_of("erasure_stuck") == []
        tried, beat = tried + erasing.follow_up(gateway, now=beat), beat + BEAT
    assert [letter.account_id for letter in letters_of("erasure_stuck")] == [owner.id]
    gateway.refuses.clear()
    erasing.follow_up(gateway, now=beat + HOUR)
    found = erasures.find(erasure.id)
    assert (the_pledge(checkout).status, found.state, found.error) == ("ended", "done", None)


def test_what_stripe_goes_on_refusing_is_asked_ever_less_often_and_each_hour_at_last(
    app: Flask, client: FlaskClient, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    reader = a_reader(EMAIL, name=NAME)
    checkout, _pledge = an_attempt()
    erasure = asked_and_confirmed(reader.id)
    erasure.attempts = erasing.STUCK_AFTER
    carried_out(erasure, gateway, mailer)
    is_paid(checkout, gateway)
    settled(checkout, gateway)
    gateway.refuses.add("end_now")
    began = utcnow()
    beats = [began + BEAT * number for number in range(9 * 120)]
    tried = [beat - began for beat in beats if erasing.follow_up(gateway, now=beat)]
    waits = [later - before for before, later in pairwise(tried)]
    minutes = [1, 2, 4, 8, 16, 32, *[60] * (len(waits) - 6)]
    assert waits == [timedelta(minutes=number) for number in minutes]
    assert len(waits) > 10
    shown = signed_in(client, a_staff_member("finance")).get("/staff/erasures").text
    assert '<span class="tag tag-bad">held up</span>' in shown


def test_owners_hear_again_each_month_of_what_cannot_be_followed_up(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    a_staff_member()
    reader = a_reader(EMAIL, name=NAME)
    checkout, _pledge = an_attempt()
    carried_out(asked_and_confirmed(reader.id), gateway, mailer)
    is_paid(checkout, gateway)
    settled(checkout, gateway)
    gateway.refuses.add("end_now")
    march = datetime(2027, 3, 1, tzinfo=UTC)
    for half_days in range(2 * 32):
        erasing.follow_up(gateway, now=march + 12 * HOUR * half_days)
    written = sorted(letter.created_at for letter in letters_of("erasure_stuck"))
    assert [at.month for at in written] == [3, 4]


def test_while_stripe_is_silent_one_is_asked_for_at_a_time_and_then_all(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    wishes, late = [], []
    for email in (EMAIL, "other@example.org", "third@example.org"):
        reader = a_reader(email, name=NAME)
        checkout, _pledge = an_attempt(email=email)
        wishes.append(asked_and_confirmed(reader.id).id)
        carried_out(erasures.find(wishes[-1]), gateway, mailer)
        is_paid(checkout, gateway)
        settled(checkout, gateway)
        late.append(checkout)
    gateway.down, now = True, utcnow()
    for waiting in (1, 2, 3):
        erasing.follow_up(gateway, now=now)
        held_up = [erasures.find(wish).error for wish in wishes]
        assert sum(error is not None for error in held_up) == waiting
    gateway.down = False
    erasing.follow_up(gateway, now=now + HOUR)
    assert {the_pledge(one).status for one in late} == {"ended"}


def test_one_that_breaks_off_is_kept_for_owners_and_stops_no_other(
    app: Flask, mailer: FakeMailer
) -> None:
    gateway = Faulty()
    checkouts_of = []
    for email in (EMAIL, "other@example.org"):
        reader = a_reader(email, name=NAME)
        checkout, _pledge = an_attempt(email=email)
        carried_out(asked_and_confirmed(reader.id), gateway, mailer)
        is_paid(checkout, gateway)
        settled(checkout, gateway)
        checkouts_of.append(checkout)
    gateway.breaks_at = 1
    assert erasing.follow_up(gateway, now=utcnow()) == 2
    assert sorted(the_pledge(one).status for one in checkouts_of) == ["active", "ended"]
    assert erasing.follow_up(gateway, now=utcnow() + HOUR) == 1
    assert {the_pledge(one).status for one in checkouts_of} == {"ended"}
