"""Every place at which the product waits for Stripe: what is pressed there, and what is told."""

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.test import TestResponse

from app.giving.wishes.links import Purpose
from tests.resilience import presses
from tests.resilience.presses import Scene
from tests.simulation import acts

PAGES = "/v1/checkout/sessions"
#: What a person is told, in English.
NOT_CHARGED = "Nothing was charged; try again in a minute."
NO_ANSWER = "Stripe did not answer, so as far as we know nothing has changed."
ON_ITS_WAY = "You need not do anything: we write to you as soon as it is."


@dataclass(frozen=True)
class Site:
    """One place: what comes before, what is pressed, which request is in trouble, what is told."""

    name: str
    press: Callable[[Scene], TestResponse | str | None]
    #: Which requests meet the trouble.
    method: str
    path: str
    #: What the person is told; empty for a job, which tells nobody.
    told: str
    #: How often it was done at Stripe in the end: once, whatever happened on the way.
    done: Callable[[Scene], int]
    prepare: Callable[[Scene], object] = lambda _scene: None
    card: str = acts.PAYS
    #: Whether the product finds by itself that it was done, though the answer was lost.
    looks_again: bool = False
    #: For so many seconds Stripe hangs: longer than this waits.
    hangs: float = 3.0


SUBSCRIPTION = "/v1/subscriptions/*"

SITES = (
    Site("give", presses.give, "POST", PAGES, NOT_CHARGED, presses.given, presses.sign_out),
    Site("thanks", presses.thanks, "GET", f"{PAGES}/*", ON_ITS_WAY, presses.given, presses.pay),
    Site(
        "confirm", presses.confirm, "POST", PAGES, NOT_CHARGED, presses.given, presses.await_letter
    ),
    Site(
        "change amount",
        presses.change("9", "month"),
        "POST",
        SUBSCRIPTION,
        NO_ANSWER,
        lambda scene: int(scene.subscription().items.data[0].price.unit_amount == 900),
    ),
    Site(
        "change interval",
        presses.change("90", "year"),
        "POST",
        SUBSCRIPTION,
        NO_ANSWER,
        lambda scene: int(scene.subscription().items.data[0].price.unit_amount == 9000),
    ),
    Site(
        "pause",
        presses.press_on("pause", months="2"),
        "POST",
        SUBSCRIPTION,
        NO_ANSWER,
        lambda scene: int(scene.subscription().pause_collection is not None),
    ),
    Site(
        "resume",
        presses.press_on("resume", page="/pledge"),
        "POST",
        SUBSCRIPTION,
        NO_ANSWER,
        lambda scene: int(scene.subscription().pause_collection is None),
        lambda scene: acts.pause(2)(scene.patron),
    ),
    Site(
        "leave",
        presses.press_on("leave", when="end"),
        "POST",
        SUBSCRIPTION,
        NO_ANSWER,
        lambda scene: int(scene.subscription().cancel_at_period_end),
    ),
    Site(
        "leave at once",
        presses.press_on("leave", when="now"),
        "DELETE",
        SUBSCRIPTION,
        NO_ANSWER,
        lambda scene: int(scene.subscription().status == "canceled"),
        looks_again=True,
    ),
    Site(
        "stay",
        presses.press_on("stay", page="/pledge"),
        "POST",
        SUBSCRIPTION,
        NO_ANSWER,
        lambda scene: int(scene.subscription().cancel_at is None),
        lambda scene: acts.leave()(scene.patron),
    ),
    Site(
        "card page",
        presses.press_on("card", page="/pledge"),
        "POST",
        "/v1/billing_portal/sessions",
        NO_ANSWER,
        lambda scene: len(scene.subscriptions()),
    ),
    Site(
        "new card",
        presses.card_return,
        "POST",
        "/v1/invoices/*/pay",
        NO_ANSWER,
        presses.paid_twice,
        presses.put_card_in,
        acts.DECLINES_LATER,
    ),
    Site(
        "come back",
        presses.press_on("return", page="/pledge"),
        "POST",
        PAGES,
        NO_ANSWER,
        presses.given,
        presses.leave_now,
    ),
    Site(
        "pause by letter",
        presses.by_letter(Purpose.PAUSE),
        "POST",
        SUBSCRIPTION,
        NO_ANSWER,
        lambda scene: int(scene.subscription().pause_collection is not None),
        presses.sign_out,
    ),
    Site(
        "gave once by letter",
        presses.by_letter(Purpose.ONCE),
        "DELETE",
        SUBSCRIPTION,
        NO_ANSWER,
        lambda scene: int(scene.subscription().status == "canceled"),
        presses.sign_out,
        looks_again=True,
    ),
    Site("settle events", presses.settle, "GET", "/v1/*", "", presses.donations, presses.renew),
    Site(
        "fetch fees",
        presses.fetch_fees,
        "GET",
        "/v1/charges/*",
        "",
        presses.donations,
        presses.owe_fee,
    ),
    Site(
        "refund", presses.carry_out, "POST", "/v1/refunds", "", presses.refunds, presses.refund_owed
    ),
    Site(
        "end by rule",
        presses.carry_out,
        "DELETE",
        SUBSCRIPTION,
        "",
        lambda scene: int(scene.subscription().status == "canceled"),
        presses.end_owed,
    ),
    Site(
        "catch up",
        presses.command("backfill", "--since", "50d"),
        "GET",
        "/v1/events",
        "Run it again; nothing is done twice.",
        presses.donations,
        presses.lose_a_renewal,
    ),
    Site(
        "compare",
        presses.compare,
        "GET",
        "/v1/subscriptions",
        "",
        presses.donations,
        presses.lose_a_renewal,
    ),
    Site("set up", presses.command("setup"), "GET", "/v1/*", "Run it again", presses.webhooks),
    Site(
        "examine",
        presses.command("doctor"),
        "GET",
        "/v1/*",
        "WRONG Stripe",
        lambda scene: len(scene.subscriptions()),
        hangs=8.0,
    ),
)
