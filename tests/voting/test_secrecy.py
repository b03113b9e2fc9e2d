"""Without its key nobody joins ballots to voters; before the close staff see neither."""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Table, event, select, text, update
from werkzeug.routing import BuildError, Rule

from app.accounts.models import Account, Role
from app.clock import utcnow
from app.extensions import Base, db
from app.giving.models import Pledge
from app.voting import ballots, results, rounds
from app.voting.models import Ballot, Participation, RollEntry, Round
from tests.builders import a_patron, a_staff_member, signed_in
from tests.pages import form_of
from tests.voting.builders import an_open_round, time_passes, votes

VOTERS = 60
#: Reads the table of ballots, or what was counted of them.
COUNTED = re.compile(r"\bFROM (ballot|tally)\b", re.IGNORECASE)
#: Whoever asks for these is signed out, or sent to another site.
LEAVING = frozenset({"accounts.sign_out", "static"})


class Election:
    """A round in which the test, and nobody else, knows who cast what."""

    def __init__(self) -> None:
        chance = random.Random(20261123)
        self.round = an_open_round()
        self.voters = [a_patron() for _ in range(VOTERS)]
        self.held: dict[int, list[int]] = {}
        self.receipts: dict[str, int] = {}
        for voter in chance.sample(self.voters, VOTERS):
            self._cast(voter, sorted(chance.sample(range(1, 5), chance.randint(0, 3))))
        # One voter changes a ballot often enough to be known by that.
        restless = self.voters[0]
        for n in range(1, 8):
            self._cast(restless, [1 + n % 4], seen=n)

    def _cast(self, voter: Account, choices: list[int], seen: int = 0) -> None:
        cast = votes(voter, self.round, *choices, seen_version=seen)
        self.held[voter.id] = choices
        self.receipts[cast.receipt] = voter.id

    def contested(self) -> Account:
        """One voter's payment is contested, so that the roll names who cast the void ballot."""
        voter = self.voters[1]
        db.session.execute(
            update(Pledge)
            .where(Pledge.account_id == voter.id)
            .values(status="lapsed", end_reason="disputed", ended_at=utcnow())
        )
        db.session.commit()
        return voter

    def over(self) -> None:
        """The round closes, is counted, and the dispute window passes."""
        time_passes(self.round)
        results.close_and_tally(self.round.id, now=utcnow())
        assert ballots.shred(self.round.id, now=utcnow() + timedelta(days=8))
        db.session.expire_all()


def rows_on_disk(table: str, columns: str) -> list[tuple[object, ...]]:
    """Rows in the order in which they lie on the disk, as whoever has the database sees them."""
    found = db.session.execute(text(f"SELECT {columns} FROM {table} ORDER BY ctid")).all()
    return [tuple(row) for row in found]


def test_with_the_key_ballots_can_be_told_apart_and_without_it_nothing_joins_them(
    app: Flask,
) -> None:
    election = Election()
    # While the key lives the rows of one cast lie in step: what is proved below is no accident.
    receipts = [str(row[0]) for row in rows_on_disk("ballot", "receipt")]
    people = [int(str(row[0])) for row in rows_on_disk("participation", "account_id")]
    before = [election.receipts.get(code) for code in receipts]
    assert sum(a == b for a, b in zip(before, people, strict=True)) > VOTERS / 2
    election.over()
    papers = rows_on_disk("ballot", "receipt, ballot_key, xmin::text, cmin::text, version")
    people = [int(str(row[0])) for row in rows_on_disk("participation", "account_id")]
    # The place on the disk says only what the keys say, and these are without a pattern.
    assert [row[1] for row in papers] == sorted(row[1] for row in papers)  # type: ignore[type-var]
    assert people == sorted(people)
    in_step = sum(
        election.receipts[str(row[0])] == who for row, who in zip(papers, people, strict=True)
    )
    assert in_step < VOTERS / 4
    # One transaction and one command wrote all of them; no number tells who came back often.
    assert len({row[2:5] for row in papers}) == 1
    writers = rows_on_disk("participation", "xmin::text, cmin::text")
    assert len(set(writers)) == 1


def test_the_ballot_of_whom_the_roll_names_as_void_says_nothing(app: Flask) -> None:
    election = Election()
    voter = election.contested()
    election.over()
    named = db.session.scalars(
        select(RollEntry.account_id).where(RollEntry.eligible.is_(False))
    ).all()
    assert named == [voter.id]
    (paper,) = db.session.scalars(select(Ballot).where(Ballot.void_reason.is_not(None)))
    assert (paper.choices, paper.void_reason) == ([], "void")


def test_no_column_of_any_other_table_holds_what_a_ballot_holds(app: Flask) -> None:
    election = Election()
    election.over()
    marks = set(db.session.scalars(select(Ballot.receipt)))
    marks |= {key.hex() for key in db.session.scalars(select(Ballot.ballot_key))}
    for table in Base.metadata.sorted_tables:
        if table.name == "ballot":
            continue
        for row in db.session.execute(text(f"SELECT row_to_json(t)::text FROM {table.name} t")):
            assert not [mark for mark in marks if mark in row[0]], table.name


def test_a_ballot_has_no_time_no_number_and_no_account(app: Flask) -> None:
    ballot, participation = Ballot.__table__, Participation.__table__
    assert isinstance(ballot, Table)
    assert isinstance(participation, Table)
    kinds = {column.name: str(column.type) for column in ballot.columns}
    assert not {name for name, kind in kinds.items() if "TIME" in kind or "DATE" in kind}
    shared = {column.name for column in ballot.columns} & {c.name for c in participation.columns}
    assert shared == {"round_id"}
    assert {key.column.table.name for key in ballot.foreign_keys} == {"voting_round"}
    assert not [column.name for column in ballot.columns if column.identity]
    assert str(participation.c.first_cast_on.type) == "DATE"


def test_after_the_destruction_neither_we_nor_the_voter_find_the_ballot(app: Flask) -> None:
    election = Election()
    election.over()
    round_ = rounds.find(election.round.id)
    assert round_.ballot_key_sealed is None
    for voter in election.voters:
        assert ballots.mine(round_, voter.id) == ballots.Mine()


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect what is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def addresses(app: Flask, rule: Rule, round_: Round, account: Account) -> Iterator[str]:
    """A route's addresses, its arguments leading to the round and to one who voted in it."""
    known = {"slug": round_.slug, "round_id": round_.id, "account_id": account.id, "number": 1}
    filled = {name: known.get(name, account.id) for name in rule.arguments}
    try:
        yield app.url_map.bind("localhost").build(rule.endpoint, filled)
    except (BuildError, ValueError, TypeError):
        # The argument is of another kind, such as the id of a checkout: no round hangs on it.
        return


@pytest.mark.parametrize("role", [*Role])
def test_no_page_export_or_interface_asks_for_a_ballot_before_the_close_whatever_the_role(
    app: Flask, client: FlaskClient, role: Role
) -> None:
    round_, voter = an_open_round(), a_patron()
    receipt = votes(voter, round_, 3).receipt
    staff = signed_in(client, a_staff_member(role))
    walked = set()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in LEAVING:
            continue
        for path in addresses(app, rule, round_, voter):
            with statements() as asked:
                answer = Context().run(staff.get, path)
            assert not [one for one in asked if COUNTED.search(one)], path
            assert receipt not in answer.text, path
            walked.add(rule.endpoint)
    assert {"voting.ballot", "voting_staff.show", "voting_audit.ballots", "reports.home"} <= walked
    assert len(walked) > 40


def test_staff_who_press_every_button_of_an_open_round_learn_nothing_of_its_ballots(
    client: FlaskClient,
) -> None:
    round_, voter = an_open_round(), a_patron()
    votes(voter, round_, 3)
    owner = signed_in(client, a_staff_member(Role.OWNER))
    for rest in ("recount", "decide"):
        with statements() as asked:
            form = form_of(owner.get(f"/staff/rounds/{round_.id}"))
            owner.post(f"/staff/rounds/{round_.id}/{rest}", data={**form, "reason": "To see."})
        assert not [one for one in asked if COUNTED.search(one)], rest
