"""One's own account, and the commands about staff."""

from datetime import timedelta

import pyotp
import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts import second_factor, sign_ins
from app.accounts.models import Account, RecoveryCode, Role, SignIn
from app.accounts.sign_ins import Ended
from app.clock import utcnow
from app.extensions import db
from config.settings import Environment, Settings
from tasks.accounts import forget
from tests.accounts.mailbox import deliver, newest_way
from tests.builders import AUGUST, a_reader, a_staff_member, signed_in
from tests.fakes import FakeMailer
from tests.pages import form_of, send

OLENA, IRYNA = "olena@example.org", "iryna@example.org"


def run(app: Flask, *command: str) -> Result:
    return app.test_cli_runner().invoke(args=["staff", *command])


def find(email: str) -> Account:
    db.session.expire_all()
    return db.session.scalars(select(Account).where(Account.email == email)).one()


def test_a_reader_changes_name_language_letters_and_listing(client: FlaskClient) -> None:
    signed_in(client, a_reader(OLENA))
    chosen = {"locale": "uk", "listed": "listed", "receipt_letters": "yearly"}
    answer = send(client, "/account", action="/account", name=" Олена  Марченко ", **chosen)
    assert answer.location == "/account?lang=uk"
    account = find(OLENA)
    assert (account.name, account.locale, account.listed) == ("Олена Марченко", "uk", True)
    assert account.receipt_letters == "yearly"
    page = client.get(answer.location)
    assert '<html lang="uk">' in page.text
    assert form_of(page, action="/account").items() >= chosen.items()


def test_an_account_that_is_saved_as_it_stands_stays_as_it_is(client: FlaskClient) -> None:
    signed_in(client, a_reader(OLENA, listed=True))
    send(client, "/account", action="/account")
    account = find(OLENA)
    assert (account.listed, account.receipt_letters) == (True, "each")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 121),
        ("locale", "fr"),
        ("locale", ""),
        ("listed", "x"),
        ("receipt_letters", "never"),
    ],
)
def test_an_account_is_not_changed_by_what_cannot_be_kept(
    client: FlaskClient, field: str, value: str
) -> None:
    signed_in(client, a_reader(OLENA))
    answer = send(client, "/account", action="/account", **{field: value})
    assert answer.status_code == 422
    assert "Something needs correcting" in answer.text
    account = find(OLENA)
    assert (account.name, account.locale) == ("Olena Marchenko", "en")


def test_signing_out_everywhere_ends_every_session_and_every_unused_letter(
    app: Flask, client: FlaskClient, mailer: FakeMailer
) -> None:
    account = a_reader(OLENA)
    here, there = signed_in(client, account), signed_in(app.test_client(), account)
    asking = app.test_client()
    send(asking, "/sign-in", email=OLENA)
    way = newest_way(mailer)
    answer = send(
        here,
        "/account/sign-out-everywhere",
        page="/account",
        action="/account/sign-out-everywhere",
    )
    assert answer.location == "/sign-in"
    assert here.get("/account").status_code == 303
    assert there.get("/account").status_code == 303
    assert asking.get(way.path).status_code == 410


@pytest.mark.parametrize("path", ["/account", "/account/sign-out-everywhere"])
def test_an_account_page_is_for_who_is_signed_in(client: FlaskClient, path: str) -> None:
    token = form_of(client.get("/sign-in"))
    assert client.post(path, data=token).location == "/sign-in"


def test_requests_to_sign_in_are_forgotten_in_time(app: Flask, mailer: FakeMailer) -> None:
    a_reader(OLENA)
    old = sign_ins.ask(OLENA, next_path="", now=AUGUST)
    new = sign_ins.ask(OLENA, next_path="", now=AUGUST + timedelta(days=6))
    assert sign_ins.forget(before=AUGUST + timedelta(minutes=1)) == 1
    assert sign_ins.forget(before=AUGUST + timedelta(minutes=1)) == 0
    assert db.session.scalars(select(SignIn.id)).all() == [new]
    assert deliver(mailer) == []
    with pytest.raises(Ended):
        sign_ins.use_code(old, "123456", now=AUGUST)


def test_the_hourly_job_forgets_and_may_run_twice(app: Flask) -> None:
    old = sign_ins.ask(OLENA, next_path="", now=utcnow() - timedelta(days=8))
    new = sign_ins.ask(IRYNA, next_path="", now=utcnow())
    assert forget() == 2, "an unknown address leaves two rows"
    assert forget() == 0
    kept = db.session.scalars(select(SignIn.id)).all()
    assert new in kept
    assert old not in kept


def test_known_and_unknown_addresses_write_alike(app: Flask) -> None:
    a_reader(OLENA)
    sign_ins.ask(OLENA, next_path="", now=AUGUST)
    sign_ins.ask("nobody@example.org", next_path="", now=AUGUST)
    rows = db.session.scalar(select(func.count()).select_from(SignIn))
    assert rows == 3, "the letter's row of one is a second request of the other"


def test_the_first_of_the_staff_is_invited_by_a_command(
    app: Flask, client: FlaskClient, mailer: FakeMailer
) -> None:
    result = run(app, "invite", IRYNA, "--role", "owner", "--name", "Iryna Bondar")
    assert result.exit_code == 0
    assert "on the staff as owner" in result.output
    letter = deliver(mailer)[0]
    assert letter.to == IRYNA
    assert "http://localhost/sign-in?next=/staff" in letter.text
    assert (find(IRYNA).name, find(IRYNA).role) == ("Iryna Bondar", "owner")
    send(client, "/sign-in?next=/staff", email=IRYNA)
    path = newest_way(mailer).path
    answer = client.post(path, data=form_of(client.get(path)))
    assert answer.location == "/sign-in/second-factor"


def test_an_invitation_may_be_sent_again_and_may_change_the_role(
    app: Flask, mailer: FakeMailer
) -> None:
    run(app, "invite", IRYNA, "--role", "editor", "--name", "Iryna Bondar")
    before = find(IRYNA).session_version
    run(app, "invite", IRYNA.upper(), "--role", "finance", "--language", "uk")
    account = find(IRYNA)
    assert (account.role, account.name) == ("finance", "Iryna Bondar")
    assert account.session_version > before
    assert len(deliver(mailer)) == 2


@pytest.mark.parametrize(
    "command",
    [
        ("invite", "iryna", "--role", "owner"),
        ("invite", IRYNA, "--role", "king"),
        ("invite", IRYNA),
        ("remove", "nobody@example.org"),
        ("code", IRYNA),
    ],
)
def test_a_wrong_command_says_so_and_changes_nothing(app: Flask, command: tuple[str, ...]) -> None:
    result = run(app, *command)
    assert result.exit_code != 0
    assert "Traceback" not in result.output
    assert db.session.scalar(select(func.count()).select_from(Account)) == 0


def test_who_is_removed_loses_role_factor_and_sessions(
    app: Flask, client: FlaskClient, mailer: FakeMailer
) -> None:
    account = a_staff_member(Role.EDITOR, IRYNA)
    secret = second_factor.new_secret()
    second_factor.set_up(account.id, secret, pyotp.TOTP(secret).at(AUGUST), now=AUGUST)
    signed_in(client, account)
    run(app, "invite", IRYNA, "--role", "editor")
    assert run(app, "remove", IRYNA).exit_code == 0
    kept = find(IRYNA)
    assert (kept.role, kept.totp_sealed) == (None, None)
    assert db.session.scalar(select(func.count()).select_from(RecoveryCode)) == 0
    assert client.get("/account").status_code == 303
    assert deliver(mailer) == [], "an invitation not yet sent is not owed any more"


def test_the_staff_are_listed(app: Flask) -> None:
    assert "Nobody yet" in run(app, "list").output
    account = a_staff_member(Role.OWNER, IRYNA)
    second_factor.preset(account, second_factor.new_secret())
    db.session.commit()
    a_reader(OLENA)
    output = run(app, "list").output
    assert f"{IRYNA}\towner" in output
    assert "second factor on" in output
    assert OLENA not in output


def test_the_demo_shows_the_code_of_its_staff_and_nothing_else_does(
    app: Flask, settings: Settings
) -> None:
    account = a_staff_member(Role.OWNER, IRYNA)
    secret = second_factor.new_secret()
    second_factor.preset(account, secret)
    db.session.commit()
    refused = run(app, "code", IRYNA)
    assert refused.exit_code != 0
    assert "ENVIRONMENT=demo" in refused.output
    app.extensions["settings"] = settings.model_copy(update={"environment": Environment.DEMO})
    try:
        shown = run(app, "code", IRYNA).output.strip()
    finally:
        app.extensions["settings"] = settings
    assert pyotp.TOTP(secret).verify(shown, for_time=utcnow(), valid_window=1)
