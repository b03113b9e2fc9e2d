"""What a person presses, or a job runs, at every place where the product waits for Stripe."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import stripe
from flask import current_app
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import Account
from app.clock import utcnow
from app.desk import comparisons
from app.extensions import db
from app.giving.gift import checkouts, confirmations
from app.giving.models import Checkout, Donation, Pledge
from app.giving.wishes import links
from app.giving.wishes.links import Purpose
from app.letters.models import Letter
from tasks import desk, giving
from tests.builders import signed_in
from tests.giving.steps import ANN, gift_form
from tests.pages import send
from tests.simulation import acts, reversals
from tests.simulation.people import Patron
from tests.simulation.story import Story


@dataclass
class Scene:
    """A patron whose first gift is entered, with the own browser signed in."""

    story: Story
    client: FlaskClient
    patron: Patron
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def pledge(self) -> Pledge:
        """The patron's pledge as the database has it."""
        return self.patron.pledge

    @property
    def path(self) -> str:
        """Where the patron's pledge is changed."""
        return f"/pledge/{self.patron.pledge_id}"

    def subscriptions(self) -> list[stripe.Subscription]:
        """Every subscription in the account."""
        listed = self.story.stripes.api.v1.subscriptions.list({"status": "all", "limit": 100})
        return listed.data

    def subscription(self) -> stripe.Subscription:
        """The patron's one."""
        (found,) = self.subscriptions()
        return found


# -- what a person presses ------------------------------------------------------------------------


def give(scene: Scene) -> TestResponse:
    """Send the same form, however often."""
    if not scene.notes:
        form = gift_form(scene.client.get("/give")) | ANN | {"email": "new@example.org"}
        scene.notes |= form
    return scene.client.post("/give", data=scene.notes)


def sign_out(scene: Scene) -> None:
    """Leave the browser to a stranger."""
    with scene.client.session_transaction() as session:
        session.clear()


def given(scene: Scene) -> int:
    """Pay on the pages that stand open; return how many subscriptions that makes besides."""
    for page in scene.story.stripes.api.v1.checkout.sessions.list({"limit": 100}).data:
        if page.status == "open":
            scene.story.stripes.control("complete", session=page.id)
    return len(scene.subscriptions()) - 1


def pay(scene: Scene) -> None:
    """Pay a second pledge on Stripe's page, and come back from it."""
    sign_out(scene)
    answer = give(scene)
    assert answer.status_code == 303, answer.text
    checkout = db.session.scalars(select(Checkout).order_by(Checkout.created_at.desc())).first()
    assert checkout is not None
    session = str(checkout.stripe_session_id)
    scene.story.stripes.control("complete", session=session)
    scene.notes["session"] = session


def thanks(scene: Scene) -> TestResponse:
    return scene.client.get(f"/give/thanks?session_id={scene.notes['session']}")


def await_letter(scene: Scene) -> None:
    """Begin a gift that its letter has to confirm."""
    gift = acts._gift(scene.patron, scene.patron.interval, scene.patron.amount)
    checkout = checkouts.start(gift, now=utcnow())
    scene.notes["token"] = confirmations.token(checkout.id)


def confirm(scene: Scene) -> TestResponse:
    path = f"/give/confirm/{scene.notes['token']}"
    return send(scene.client, path, action=path)


def change(amount: str, interval: str) -> Callable[[Scene], TestResponse]:
    def press(scene: Scene) -> TestResponse:
        path = f"{scene.path}/change/confirm"
        page = f"{path}?amount={amount}&interval={interval}"
        answer = scene.client.get(page)
        # The event has told of it before the person pressed again.
        return (
            answer
            if answer.status_code != 200
            else send(scene.client, path, page=page, action=path)
        )

    return press


def press_on(what: str, page: str = "", **values: str) -> Callable[[Scene], TestResponse]:
    """Press the button of a wish, on its page or on that of the pledge."""

    def press(scene: Scene) -> TestResponse:
        path = f"{scene.path}/{what}"
        shown = scene.client.get(page or path)
        if shown.status_code != 200 or (page and path not in shown.text):
            return shown
        return send(scene.client, path, page=page or path, action=path, **values)

    return press


def lapse(scene: Scene) -> None:
    """The renewal fails."""
    scene.story.move(timedelta(days=32))
    scene.story.work()
    scene.story.move(timedelta(hours=2))
    scene.story.work()
    signed_in(scene.client, db.session.get_one(Account, scene.pledge.account_id))


def put_card_in(scene: Scene) -> None:
    """The renewal fails, and a good card is put in at Stripe's page."""
    lapse(scene)
    page = scene.client.post(f"{scene.path}/card", data=_token(scene)).location
    session = page.rpartition("/")[2]
    scene.story.stripes.control("portal", session=session, card=acts.MASTERCARD)


def _token(scene: Scene) -> dict[str, str]:
    return gift_form(scene.client.get("/give")) | {}


def card_return(scene: Scene) -> TestResponse:
    return scene.client.get(f"{scene.path}/card")


def paid_twice(scene: Scene) -> int:
    """How many renewals were paid beside the first payment."""
    charges = scene.story.stripes.api.v1.charges.list({"limit": 100}).data
    return sum(charge.paid for charge in charges) - 1


def leave_now(scene: Scene) -> None:
    acts.leave(at_once=True)(scene.patron)


def by_letter(purpose: Purpose) -> Callable[[Scene], TestResponse]:
    """Press the button of a letter's link in a browser that knows nothing."""

    def press(scene: Scene) -> TestResponse:
        letter = db.session.scalars(select(Letter).where(Letter.kind == "receipt")).one()
        url = links.for_letter(letter, scene.pledge, purpose)[purpose.value]
        path = "/l/" + url.rpartition("/l/")[2]
        shown = scene.client.get(path)
        return scene.client.post(path, data={"choice": "2"}) if "<form" in shown.text else shown

    return press


# -- what the house does by itself ----------------------------------------------------------------


def refund_owed(scene: Scene) -> None:
    reversals.refund(1, 2)(scene.patron)


def end_owed(scene: Scene) -> None:
    """The bank contests the gift: the pledge is to end, and nobody has asked Stripe yet."""
    reversals.contest()(scene.patron)
    scene.story.road.travel()
    settle(scene)


def carry_out(scene: Scene) -> None:
    giving.carry_out()


def renew(scene: Scene) -> None:
    """A renewal's events are kept and wait to be settled."""
    scene.story.move(timedelta(days=32))
    scene.story.move(timedelta(hours=2))
    scene.story.road.travel()


def settle(scene: Scene) -> None:
    giving.settle_events()


def owe_fee(scene: Scene) -> None:
    """A donation asks for its fee, the event of which was lost."""
    renew(scene)
    settle(scene)
    scene.story.stripes.control("settle")
    scene.story.move(timedelta(minutes=5))


def fetch_fees(scene: Scene) -> None:
    giving.fetch_fees()


def donations(_scene: Scene) -> int:
    return len(db.session.scalars(select(Donation)).all()) - 1


def refunds(scene: Scene) -> int:
    return len(scene.story.stripes.api.v1.refunds.list({"limit": 100}).data)


def lose_a_renewal(scene: Scene) -> None:
    """A renewal is paid, and none of its events arrives."""
    scene.story.move(timedelta(days=32))
    scene.story.move(timedelta(hours=2))


def compare(_scene: Scene) -> None:
    """Ask for a comparison, and let a worker carry it out."""
    comparisons.ask(None, utcnow() - timedelta(days=60), now=utcnow())
    desk.compare()


def command(*words: str) -> Callable[[Scene], str]:
    """Type a command; what it prints is what the person is told."""

    def press(_scene: Scene) -> str:
        result = current_app.test_cli_runner().invoke(args=["payments", *words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        output: str = result.output
        return output

    return press


def webhooks(scene: Scene) -> int:
    """How many webhooks there are beside the one that was there before."""
    return len(scene.story.stripes.api.v1.webhook_endpoints.list().data) - 1
