"""The second factor of staff, as a browser meets it."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts import second_factor
from app.accounts.models import Account, RecoveryCode, Role
from app.accounts.second_factor import WrongCode
from app.clock import utcnow
from app.extensions import db
from tests.accounts.mailbox import newest_way
from tests.builders import AUGUST, a_reader, a_staff_member
from tests.fakes import FakeMailer
from tests.pages import form_of, send

IRYNA = "iryna@example.org"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
FACTOR = "/sign-in/second-factor"


def first_factor(client: FlaskClient, mailer: FakeMailer, next_path: str = "/account") -> str:
    """Pass the first factor and return where it leads."""
    send(client, f"/sign-in?next={next_path}", email=IRYNA)
    way = newest_way(mailer)
    answer = client.post(way.path, data=form_of(client.get(way.path)))
    assert answer.location == FACTOR
    return client.get(FACTOR).location or FACTOR


def a_member_with_a_factor() -> Account:
    account = a_staff_member(Role.EDITOR, IRYNA)
    second_factor.preset(account, SECRET)
    db.session.commit()
    return account


def app_code(secret: str = SECRET, **later: float) -> str:
    return pyotp.TOTP(secret).at(utcnow() + timedelta(**later))


def secret_on(page: TestResponse) -> str:
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
    assert shown
    return shown[1].replace(" ", "")


def set_up(client: FlaskClient) -> TestResponse:
    page = client.get(f"{FACTOR}/set-up")
    return client.post(f"{FACTOR}/set-up", data=form_of(page) | {"code": app_code(secret_on(page))})


def recovery_codes(page: TestResponse) -> list[str]:
    return re.findall(r"<code>([0-9a-z]{5}-[0-9a-z]{5})</code>", page.text)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_staff_are_not_signed_in_by_the_first_factor_alone(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    a_member_with_a_factor()
    first_factor(client, mailer)
    assert not is_signed_in(client)
    answer = send(client, FACTOR, code=app_code())
    assert (answer.status_code, answer.location) == (303, "/account")
    assert is_signed_in(client)


def test_the_first_time_staff_set_the_second_factor_up_and_keep_recovery_codes(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    account = a_staff_member(Role.OWNER, IRYNA)
    assert first_factor(client, mailer) == f"{FACTOR}/set-up"
    page = client.get(f"{FACTOR}/set-up")
    picture = client.get(f"{FACTOR}/qr.svg")
    assert picture.mimetype == "image/svg+xml"
    assert picture.headers["Cache-Control"] == "no-store"
    assert secret_on(client.get(f"{FACTOR}/set-up")) == secret_on(page)
    shown = set_up(client)
    codes = recovery_codes(shown)
    assert len(set(codes)) == 10
    assert is_signed_in(client)
    kept = db.session.get_one(Account, account.id)
    assert kept.totp_sealed is not None
    assert secret_on(page).encode() not in kept.totp_sealed
    assert client.get(f"{FACTOR}/set-up").status_code == 303
    assert client.get(f"{FACTOR}/qr.svg").status_code == 404


def test_the_secret_being_set_up_cannot_be_read_in_the_cookie(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    a_staff_member(Role.OWNER, IRYNA)
    first_factor(client, mailer)
    secret = secret_on(client.get(f"{FACTOR}/set-up"))
    with client.session_transaction() as session:
        assert secret not in repr(dict(session))


def test_a_second_factor_is_not_turned_on_by_a_wrong_code(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    account = a_staff_member(Role.OWNER, IRYNA)
    first_factor(client, mailer)
    for code in ("", "12345", "abcdef", app_code(SECRET, hours=1)):
        assert send(client, f"{FACTOR}/set-up", code=code).status_code == 422
    assert db.session.get_one(Account, account.id).totp_sealed is None
    assert not is_signed_in(client)


def test_a_second_factor_is_not_replaced_by_a_browser_that_was_slower(
    app: Flask, client: FlaskClient, mailer: FakeMailer
) -> None:
    account = a_staff_member(Role.OWNER, IRYNA)
    other = app.test_client()
    for browser in (client, other):
        first_factor(browser, mailer)
    late = other.get(f"{FACTOR}/set-up")
    set_up(client)
    sealed = db.session.get_one(Account, account.id).totp_sealed
    answer = other.post(
        f"{FACTOR}/set-up", data=form_of(late) | {"code": app_code(secret_on(late))}
    )
    assert answer.location == FACTOR
    assert db.session.get_one(Account, account.id).totp_sealed == sealed
    assert not is_signed_in(other)


@pytest.mark.parametrize("code", ["", "12345", "nonsense", "x" * 41])
def test_what_is_no_code_is_refused(client: FlaskClient, mailer: FakeMailer, code: str) -> None:
    a_member_with_a_factor()
    first_factor(client, mailer)
    answer = send(client, FACTOR, code=code)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert not is_signed_in(client)


def test_a_code_of_the_app_is_accepted_once(
    app: Flask, client: FlaskClient, mailer: FakeMailer
) -> None:
    a_member_with_a_factor()
    other, code = app.test_client(), app_code()
    for browser in (client, other):
        first_factor(browser, mailer)
    assert send(client, FACTOR, code=code).status_code == 303
    assert send(other, FACTOR, code=code).status_code == 422
    assert not is_signed_in(other)


@pytest.mark.parametrize(
    ("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_off_by_one_step(app: Flask, steps: int, accepted: bool) -> None:
    account = a_member_with_a_factor()
    code = pyotp.TOTP(SECRET).at(AUGUST + timedelta(seconds=30 * steps))
    if accepted:
        assert second_factor.accept(account.id, code, now=AUGUST) is None
    else:
        with pytest.raises(WrongCode):
            second_factor.accept(account.id, code, now=AUGUST)


def test_a_code_older_than_the_last_accepted_one_is_refused(app: Flask) -> None:
    account = a_member_with_a_factor()
    earlier = pyotp.TOTP(SECRET).at(AUGUST - timedelta(seconds=30))
    second_factor.accept(account.id, pyotp.TOTP(SECRET).at(AUGUST), now=AUGUST)
    with pytest.raises(WrongCode):
        second_factor.accept(account.id, earlier, now=AUGUST)


def test_one_code_typed_in_many_browsers_at_once_is_accepted_in_one(app: Flask) -> None:
    account = a_member_with_a_factor()
    code = pyotp.TOTP(SECRET).at(AUGUST)
    barrier, accepted = threading.Barrier(8), []

    def type_it() -> None:
        with _own_session(app):
            # Read before the lock is taken, as a request does.
            db.session.get_one(Account, account.id)
            barrier.wait()
            try:
                second_factor.accept(account.id, code, now=AUGUST)
            except WrongCode:
                return
            accepted.append(code)

    threads = [threading.Thread(target=type_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accepted) == 1


@contextmanager
def _own_session(app: Flask) -> Iterator[None]:
    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()


def test_a_recovery_code_stands_in_once_and_says_how_many_are_left(
    app: Flask, client: FlaskClient, mailer: FakeMailer
) -> None:
    a_staff_member(Role.OWNER, IRYNA)
    first_factor(client, mailer)
    code = recovery_codes(set_up(client))[0]
    kept = db.session.scalars(select(RecoveryCode.code_hash)).all()
    assert code.encode() not in kept
    first, second = app.test_client(), app.test_client()
    for browser in (first, second):
        first_factor(browser, mailer)
    assert send(first, FACTOR, code=f" {code.upper()} ").status_code == 303
    assert "9 are left" in first.get("/account").text
    assert send(second, FACTOR, code=code).status_code == 422
    assert not is_signed_in(second)


def test_a_recovery_code_of_one_person_is_worth_nothing_to_another(app: Flask) -> None:
    mine, other = a_member_with_a_factor(), a_staff_member(Role.OWNER)
    secret = second_factor.new_secret()
    codes = second_factor.set_up(other.id, secret, pyotp.TOTP(secret).at(AUGUST), now=AUGUST)
    with pytest.raises(WrongCode):
        second_factor.accept(mine.id, codes[0], now=AUGUST)


def test_wrong_codes_of_one_account_are_stopped_from_however_many_browsers(
    app: Flask, client: FlaskClient, mailer: FakeMailer
) -> None:
    a_member_with_a_factor()
    first_factor(client, mailer)
    for _ in range(5):
        assert send(client, FACTOR, code="nonsense").status_code == 422
    other = app.test_client()
    first_factor(other, mailer)
    assert send(other, FACTOR, code=app_code()).status_code == 429


def test_the_first_factor_waits_a_quarter_of_an_hour_for_the_second(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    a_member_with_a_factor()
    first_factor(client, mailer)
    form = form_of(client.get(FACTOR))
    with client.session_transaction() as session:
        session["awaited_since"] -= 15 * 60 + 1
    assert client.get(FACTOR).location == "/sign-in"
    assert client.post(FACTOR, data=form | {"code": app_code()}).location == "/sign-in"


@pytest.mark.parametrize("path", [FACTOR, f"{FACTOR}/set-up"])
def test_without_the_first_factor_there_is_no_second(client: FlaskClient, path: str) -> None:
    form = form_of(client.get("/sign-in"))
    leads_to = "/sign-in" if path == FACTOR else FACTOR
    for answer in (client.get(path), client.post(path, data=form | {"code": "123456"})):
        assert (answer.status_code, answer.location) == (303, leads_to)
    assert client.get(f"{FACTOR}/qr.svg").status_code == 404


def test_a_reader_made_staff_signs_in_anew(client: FlaskClient, mailer: FakeMailer) -> None:
    account = a_reader(IRYNA)
    send(client, "/sign-in", email=IRYNA)
    way = newest_way(mailer)
    client.post(way.path, data=form_of(client.get(way.path)))
    assert is_signed_in(client)
    account.role = Role.EDITOR
    db.session.commit()
    assert not is_signed_in(client)
