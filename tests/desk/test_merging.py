"""Two accounts of one person become one."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import accounts, sign_ins
from app.accounts.models import Account, AccountNote, AuditEntry
from app.clock import utcnow
from app.desk import merging, timeline
from app.desk.merging import MOVED, IsStaff, SameAccount, VotesNow
from app.desk.timeline import Kind
from app.extensions import Base, db
from app.giving import pledges, settlement
from app.giving.books import history, receipts
from app.giving.models import Checkout, Donation, Pledge, Receipt
from app.letters import letters
from app.letters.models import Letter
from app.topics.models import Proposal, Report, Seconding
from app.voting import casting
from app.voting.models import Participation
from tests.builders import a_pledge, a_reader, a_staff_member, signed_in
from tests.fakes import FakeMailer
from tests.giving.facts import AUGUST, MONTH, paid
from tests.giving.gifts import NOW, a_gift
from tests.pages import send
from tests.voting.builders import an_open_round

#: What of an account stays where it is when the account is merged, and why nothing is lost by it.
STAYS = {
    # Signs in by the old address, and is followed to the account that is kept.
    "sign_in.account_id",
    "account.merged_into_id",
    # Told what was done when; read of every account of a person.
    "letter.account_id",
    # Carried out of the account that is kept, which is the same person.
    "erasure.account_id",
    # A file of the account as it was, which is removed after some days.
    "takeout.account_id",
    "audit_entry.account_id",
    # The key of a ballot is made from the account that cast it.
    "participation.account_id",
    "roll_entry.account_id",
    # What was agreed to is a log; at a merge the later word is entered for who is kept.
    "consent.account_id",
    # What a browser holds ends with the sessions, and its person lets the site know them anew.
    "pass_grant.account_id",
    # Only staff have these, and staff are never merged.
    "recovery_code.account_id",
    "promise.editor_id",
    "correction_group.assignee_id",
}
#: Columns that name who of the staff acted stay as well; they end so.
ACTED = ("by_id", "by_account_id", "_by")


@pytest.fixture
def by(app: Flask) -> int:
    """A fundraiser."""
    return a_staff_member("fundraiser").id


@pytest.fixture
def pair(app: Flask) -> tuple[Account, Account]:
    """The account that is kept, and the one that is merged."""
    return a_reader("ann@example.org", name="Ann"), a_reader("old@example.org", name="Ann M.")


def merge(pair: tuple[Account, Account], by: int) -> None:
    merging.merge(pair[0].id, pair[1].id, by=by, now=NOW)
    db.session.expire_all()


def test_every_column_that_names_an_account_moves_or_stays_for_a_reason() -> None:
    moved = {f"{model.__tablename__}.account_id" for model in (*MOVED, Seconding, Report)}
    named = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
        if key.target_fullname == "account.id" and not column.name.endswith(ACTED)
    }
    assert named == moved | STAYS


def test_money_pledges_and_notes_move_and_receipts_keep_number_and_name(
    pair: tuple[Account, Account], by: int
) -> None:
    kept, merged = pair
    gift, _fact = a_gift(2000, account=merged)
    db.session.add(AccountNote(account_id=merged.id, by_account_id=by, text="x", written_at=NOW))
    db.session.commit()
    before = db.session.scalars(select(Receipt)).one()
    number, name = before.reference, before.donor_name
    merge(pair, by)
    assert [entry.donation.id for entry in history.timeline(kept.id)] == [gift.id]
    assert [pledge.account_id for pledge in pledges.given_by(kept.id)] == [kept.id]
    assert db.session.scalars(select(AccountNote.account_id)).all() == [kept.id]
    found = receipts.find(gift.id)
    assert found is not None
    assert (found[0].reference, found[0].donor_name) == (number, name)
    assert db.session.get_one(Account, merged.id).merged_into_id == kept.id


def test_the_old_address_signs_in_to_the_account_that_is_kept(
    pair: tuple[Account, Account], by: int, mailer: FakeMailer
) -> None:
    kept, merged = pair
    merge(pair, by)
    request_id = sign_ins.ask("OLD@example.org", next_path="", now=utcnow())
    letter = db.session.scalars(select(Letter).where(Letter.kind == "sign_in")).one()
    letters.send(letter.id, mailer, now=utcnow())
    _id, draft = mailer.sent[-1]
    assert draft.to == merged.email
    code = next(word for word in draft.text.split() if word.isdecimal() and len(word) == 6)
    assert sign_ins.use_code(request_id, code, now=utcnow()).account.id == kept.id


def test_a_session_of_the_merged_account_ends(
    client: FlaskClient, pair: tuple[Account, Account], by: int
) -> None:
    signed_in(client, pair[1])
    assert client.get("/pledge").status_code == 200
    merge(pair, by)
    assert client.get("/pledge").status_code == 303


def test_a_gift_given_with_the_old_address_goes_to_the_account_that_is_kept(
    pair: tuple[Account, Account], by: int
) -> None:
    merge(pair, by)
    found = accounts.find_or_make("old@example.org", name="x", locale="en", listed=False)
    assert found.id == pair[0].id
    again = accounts.find("Old@Example.org")
    assert again is not None
    assert again.id == pair[0].id


def test_accounts_merged_before_follow_in_one_step(pair: tuple[Account, Account], by: int) -> None:
    first = a_reader("first@example.org")
    merging.merge(pair[1].id, first.id, by=by, now=NOW)
    merge(pair, by)
    assert db.session.get_one(Account, first.id).merged_into_id == pair[0].id


def test_the_page_shows_what_was_done_with_either_account(
    app: Flask, pair: tuple[Account, Account], by: int
) -> None:
    kept, merged = pair
    a_gift(2000, account=merged)
    merge(pair, by)
    with app.test_request_context():
        told = [line.text for line in timeline.page([kept.id, merged.id], Kind.LETTERS, 1).lines]
    assert told == ["Letter: receipt"]


def a_proposal(author: Account) -> Proposal:
    """A topic that an account suggested."""
    proposal = Proposal(
        request_key=uuid.uuid4(),
        account_id=author.id,
        title="School buses",
        why="Many of them stand still.",
        locale="en",
        named=False,
        trigrams=[],
    )
    db.session.add(proposal)
    db.session.commit()
    return proposal


def test_voices_for_topics_move_and_no_topic_has_two_of_one_person(
    pair: tuple[Account, Account], by: int
) -> None:
    kept, merged = pair
    own, wanted, theirs = a_proposal(kept), a_proposal(a_reader()), a_proposal(merged)
    voices = [(own, merged), (theirs, kept), (wanted, kept), (wanted, merged)]
    db.session.add_all(Seconding(proposal_id=one.id, account_id=who.id) for one, who in voices)
    db.session.add_all(
        Report(proposal_id=wanted.id, account_id=who.id, reason="rude", reported_at=NOW)
        for who in pair
    )
    db.session.commit()
    merge(pair, by)
    seconded = db.session.execute(select(Seconding.proposal_id, Seconding.account_id)).all()
    assert [tuple(row) for row in seconded] == [(wanted.id, kept.id)]
    assert db.session.get_one(Proposal, theirs.id).account_id == kept.id
    assert len(db.session.scalars(select(Report)).all()) == 2


def test_staff_are_never_merged(by: int) -> None:
    reader, editor = a_reader(), a_staff_member("editor")
    for pair in ((reader, editor), (editor, reader)):
        with pytest.raises(IsStaff):
            merging.merge(pair[0].id, pair[1].id, by=by, now=NOW)


def test_no_account_is_merged_twice_or_with_itself(pair: tuple[Account, Account], by: int) -> None:
    merge(pair, by)
    with pytest.raises(SameAccount):
        merge(pair, by)
    with pytest.raises(SameAccount):
        merging.merge(pair[0].id, pair[0].id, by=by, now=NOW)


def test_who_has_voted_in_an_open_round_cannot_get_a_second_vote_by_a_merge(
    pair: tuple[Account, Account], by: int
) -> None:
    round_ = an_open_round()
    for account in pair:
        a_pledge(account)
    casting.cast(pair[1].id, str(round_.slug), [1], seen_version=0, now=utcnow())
    with pytest.raises(VotesNow) as refusal:
        merge(pair, by)
    assert not refusal.value.both
    merging.merge(pair[1].id, pair[0].id, by=by, now=NOW)
    assert db.session.scalars(select(Participation.account_id)).all() == [pair[1].id]


def test_two_ballots_in_one_open_round_stand_in_the_way(
    pair: tuple[Account, Account], by: int
) -> None:
    round_ = an_open_round()
    for account in pair:
        a_pledge(account)
        casting.cast(account.id, str(round_.slug), [1], seen_version=0, now=utcnow())
    for one in (pair, pair[::-1]):
        with pytest.raises(VotesNow) as refusal:
            merging.merge(one[0].id, one[1].id, by=by, now=NOW)
        assert refusal.value.both


def test_staff_see_what_moves_choose_the_way_round_and_merge(
    client: FlaskClient, pair: tuple[Account, Account]
) -> None:
    kept, merged = pair
    a_gift(2000, account=merged)
    a_pledge(kept, amount_minor=500)
    signed_in(client, a_staff_member("fundraiser"))
    found = client.get(f"/staff/people/{kept.id}/merge", query_string={"q": "old@"}).text
    where = f"/staff/people/{kept.id}/merge/{merged.id}"
    assert where in found
    preview = client.get(where).text
    assert "1 pledge, 1 gift (€20), 0 notes" in preview
    assert "more than one pledge" in preview
    assert f"/staff/people/{merged.id}/merge/{kept.id}" in preview
    assert send(client, where).location.endswith(f"/staff/people/{kept.id}")
    assert client.get(f"/staff/people/{merged.id}").location.endswith(f"/staff/people/{kept.id}")
    assert client.get(where).status_code == 404
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "accounts_merged")).one()
    assert (entry.details["merged_id"], entry.details["donation"]) == (merged.id, 1)


def test_a_page_without_a_way_says_why(client: FlaskClient, pair: tuple[Account, Account]) -> None:
    editor = a_staff_member("editor")
    signed_in(client, a_staff_member("fundraiser"))
    shown = client.get(f"/staff/people/{pair[0].id}/merge/{editor.id}").text
    assert "belongs to a member of staff" in shown
    assert "Make them one" not in shown


def test_a_checkout_paid_after_the_merge_goes_to_the_account_that_is_kept(
    pair: tuple[Account, Account], by: int
) -> None:
    pledge = a_pledge(pair[1], started_at=None, status="pending")
    merge(pair, by)
    settlement.apply([paid(pledge, received_at=AUGUST + MONTH + timedelta(days=1))], now=NOW)
    db.session.commit()
    assert db.session.scalars(select(Donation.account_id)).all() == [pair[0].id]
    assert db.session.scalars(select(Pledge.account_id)).all() == [pair[0].id]
    assert not db.session.scalars(select(Checkout)).all()
