"""Anybody can count a published round again, and would notice a single changed byte."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.clock import utcnow
from app.extensions import db
from app.voting import ballots, box, results, rounds
from app.voting.models import Ballot, Receipts, Round
from app.voting.tally import Method, TieRule
from tests.builders import a_patron
from tests.pages import form_of
from tests.voting.builders import an_open_round, tallies, time_passes, votes
from tests.voting.pages import address

TICKS: Sequence[tuple[int, ...]] = ((1, 2), (1, 3), (2,), (), (1, 2, 3), (3, 4), (4,), (2, 4))
FILES = ("verify.py", "round.json", "result.json", "ballots.csv", "receipts.csv")


def a_counted_round(
    method: Method = Method.MOST_WANTED,
    *,
    receipts: Receipts = Receipts.WITH_CHOICES,
    export_from: int = 1,
    tie_rule: TieRule = TieRule.LOT,
    seats: int = 2,
) -> tuple[Round, list[str]]:
    """A published round of eight ballots, and their receipts."""
    round_ = an_open_round(method=method, seats=seats, tie_rule=tie_rule)
    db.session.execute(
        update(Round)
        .where(Round.id == round_.id)
        .values(receipts=receipts, export_from=export_from)
    )
    db.session.commit()
    codes = [votes(a_patron(), round_, *ticks).receipt for ticks in TICKS]
    time_passes(round_)
    results.close_and_tally(round_.id, now=utcnow())
    return rounds.find(round_.id), codes


def download(client: FlaskClient, round_: Round, folder: Path) -> None:
    """Keep every file that the page offers."""
    for name in FILES:
        answer = client.get(address(round_, f"/audit/{name}"))
        if answer.status_code == 200:
            (folder / name).write_bytes(answer.data)


def verified(folder: Path, *asked: str) -> tuple[int, str]:
    """What the downloaded verifier says, run by Python alone, with nothing of ours in reach."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", *asked],
        cwd=folder,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("tie_rule", TieRule)
@pytest.mark.parametrize("receipts", Receipts)
def test_the_verifier_agrees_with_every_count(
    client: FlaskClient, tmp_path: Path, method: Method, tie_rule: TieRule, receipts: Receipts
) -> None:
    round_, codes = a_counted_round(method, receipts=receipts, tie_rule=tie_rule)
    download(client, round_, tmp_path)
    commitment = (round_.seed_commit or b"").hex()
    code, said = verified(tmp_path, "--receipt", codes[3], "--commitment", commitment)
    assert code == 0, said
    assert "WRONG" not in said
    assert "8 ballots" in said


@pytest.mark.parametrize("name", ["round.json", "result.json", "ballots.csv"])
def test_a_single_changed_byte_is_noticed(client: FlaskClient, tmp_path: Path, name: str) -> None:
    round_, _ = a_counted_round()
    download(client, round_, tmp_path)
    whole = (tmp_path / name).read_bytes()
    for place in range(len(whole) // 2, len(whole)):
        if whole[place : place + 1].isdigit():
            break
    changed = whole[:place] + (b"1" if whole[place] != ord("1") else b"2") + whole[place + 1 :]
    (tmp_path / name).write_bytes(changed)
    code, said = verified(tmp_path)
    assert code == 1, f"{whole[place - 30 : place + 30]!r}\n{said}"


def test_one_ballot_added_or_left_out_is_noticed(client: FlaskClient, tmp_path: Path) -> None:
    round_, _ = a_counted_round()
    download(client, round_, tmp_path)
    lines = (tmp_path / "ballots.csv").read_text().splitlines(keepends=True)
    for forged in (lines[1:], [*lines, lines[-1].replace(lines[-1][:26], "Z" * 26)]):
        (tmp_path / "ballots.csv").write_text("".join(forged))
        assert verified(tmp_path)[0] == 1


def test_the_list_is_the_one_that_was_hashed_at_the_close(client: FlaskClient) -> None:
    round_, codes = a_counted_round()
    (counted,) = tallies(round_)
    listed = client.get(address(round_, "/audit/ballots.csv")).data
    assert hashlib.sha256(listed).digest() == counted.input_root == round_.ballots_root
    expected = sorted(
        f"{code},{' '.join(map(str, ticks))}" for code, ticks in zip(codes, TICKS, strict=True)
    )
    assert listed.decode().splitlines() == expected
    result = client.get(address(round_, "/audit/result.json")).data
    assert hashlib.sha256(result).digest() == counted.result_hash


def test_where_codes_and_choices_are_apart_no_line_holds_both(client: FlaskClient) -> None:
    round_, codes = a_counted_round(receipts=Receipts.INCLUSION_ONLY)
    listed = client.get(address(round_, "/audit/ballots.csv")).text
    assert listed.splitlines() == ["", "1 2", "1 2 3", "1 3", "2", "2 4", "3 4", "4"]
    assert client.get(address(round_, "/audit/receipts.csv")).text.splitlines() == sorted(codes)


def test_a_small_round_keeps_its_choices_back_and_can_be_checked_as_far_as_that_goes(
    client: FlaskClient, tmp_path: Path
) -> None:
    round_, codes = a_counted_round(export_from=9)
    assert client.get(address(round_, "/audit/ballots.csv")).status_code == 404
    page = client.get(address(round_, "/audit")).text
    assert "ballots.csv" not in page
    assert "data-recount" not in page
    about = client.get(address(round_, "/audit/round.json")).get_json()
    # What few ballots say could be tried out against a plain hash of it.
    plain = "".join(sorted(f"{' '.join(map(str, ticks))}\n" for ticks in TICKS))
    assert about["lists_sha256"]["ballots"] != hashlib.sha256(plain.encode()).hexdigest()
    download(client, round_, tmp_path)
    code, said = verified(tmp_path, "--receipt", codes[0])
    assert code == 0, said
    assert "withheld" in said
    (tmp_path / "receipts.csv").write_text("".join(f"{one}\n" for one in sorted(codes)[1:]))
    assert verified(tmp_path)[0] == 1


def test_a_voter_finds_the_own_ballot_by_its_code_however_it_was_typed(
    client: FlaskClient,
) -> None:
    round_, codes = a_counted_round()
    page = client.get(address(round_, "/audit"))

    def looked(code: str) -> str:
        form = form_of(page, action=address(round_, "/audit#receipt"))
        return client.post(address(round_, "/audit"), data={**form, "code": code}).text

    spaced = " ".join((codes[0][:13].lower(), codes[0][13:]))
    assert "It says: Power cuts in Kharkiv; Veterans looking for work." in looked(spaced)
    assert "It is blank." in looked(codes[3])
    assert "No ballot of this round has this code." in looked("A" * 26)
    assert "26 letters and digits. Look" in looked("too short")


def test_nothing_is_to_be_had_before_the_result_is_public(client: FlaskClient) -> None:
    round_ = an_open_round()
    votes(a_patron(), round_, 1)
    assert client.get(address(round_, "/audit")).location == address(round_)
    for name in FILES:
        assert client.get(address(round_, f"/audit/{name}")).status_code == 404


def test_a_void_round_takes_its_lists_down(client: FlaskClient) -> None:
    round_, _ = a_counted_round()
    rounds.void(round_.id, "A topic was missing.", now=utcnow())
    for name in FILES:
        assert client.get(address(round_, f"/audit/{name}")).status_code == 404


def test_lists_stay_the_same_when_the_keys_are_gone(client: FlaskClient) -> None:
    round_, _ = a_counted_round()
    before = client.get(address(round_, "/audit/ballots.csv")).data
    assert ballots.shred(round_.id, now=utcnow() + timedelta(days=8))
    assert client.get(address(round_, "/audit/ballots.csv")).data == before


def test_a_long_list_comes_in_pieces_that_are_in_order(app: Flask) -> None:
    round_, codes = a_counted_round()
    whole = "".join(box.pages(round_.id, box.Lists.APART))
    pieces = [*map(str, box.choices_only({(): 1, (1, 2): box.PAGE + 3}))]
    assert whole.splitlines() == sorted(codes)
    assert [piece.count("\n") for piece in pieces] == [1, box.PAGE, 3]


def test_the_roll_is_published_as_numbers_only(client: FlaskClient) -> None:
    round_, _ = a_counted_round()
    about = json.loads(client.get(address(round_, "/audit/round.json")).data)
    assert about["roll"] == {"patron": 8}
    assert (about["voted"], about["voided"]) == (8, 0)
    keys = {key.hex() for key in db.session.scalars(select(Ballot.ballot_key))}
    assert not any(key in json.dumps(about) for key in keys)
