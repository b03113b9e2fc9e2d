"""The gate before Stripe: what becomes of an attempt to give, and the counting of what came of it.

When the counters do not answer, everything is as in shield mode: a letter goes before.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

import structlog
from redis import RedisError

from app.current import settings
from app.money import Money
from app.sealing import keyed_hash
from app.shield import counters, proofs, watch
from app.shield.counters import Admission, Memory
from app.shield.rules import (
    CONFIRMED,
    LETTERS_PLAIN,
    LETTERS_PROVED,
    LETTERS_TO_ONE,
    SAME_SMALL_AMOUNT,
    STARTS,
    Limit,
    Mode,
    Verdict,
    block_of,
)

log = structlog.get_logger()

#: Counts for as long as this process lives, while Redis does not answer.
_memory = Memory()


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the gate needs to know of an attempt; the e-mail is hashed before it is counted."""

    #: Where it comes from: `extensions.network_of_reader`.
    network: str
    email: str
    #: A name of the browser's session.
    browser: str
    amount: Money
    #: Whether the amount lies below the least one suggested.
    small: bool
    #: Signed in, which takes a letter: the address is proved.
    known: bool
    #: The task of `proofs` and the number found for it; empty without JavaScript.
    proof: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict; for one to wait, how many seconds."""

    verdict: Verdict
    seconds: int = 0


_OPEN, _LETTER = Judgement(Verdict.OPEN), Judgement(Verdict.LETTER)


def mode() -> Mode:
    """Return how the giving page is to behave; never open when that cannot be known."""
    try:
        return Mode.RAISED if counters.is_up() else Mode.CALM
    except RedisError:
        return Mode.BLIND


def judge(attempt: Attempt, *, now: datetime) -> Judgement:
    """Say what becomes of an attempt before anything of it is written.

    `OPEN` is not the last word: `admit` has it, once there is a checkout.
    """
    now_is = mode()
    if now_is is Mode.CALM and not _too_often(attempt, now):
        return _OPEN
    return _held_back(attempt, now)


def admit(checkout_id: uuid.UUID, attempt: Attempt, *, now: datetime) -> Judgement:
    """Let the page of a checkout be opened, or not; may raise the shield, then commits."""
    try:
        if attempt.known:
            counters.let(checkout_id, keep=watch.kept_seconds(), now=now)
            return _OPEN
        window = settings().shield_window_minutes * 60
        admission = counters.admit(
            checkout_id, watch.threshold(), window=window, keep=watch.kept_seconds(), now=now
        )
    except RedisError as error:
        log.warning("shield_blind", error=type(error).__name__)
        return _OPEN if attempt.known else _held_back(attempt, now)
    if admission is Admission.OPEN:
        return _OPEN
    if admission is Admission.RAISED:
        watch.enter_raised(now=now)
    return _held_back(attempt, now)


def confirm(checkout_id: uuid.UUID, network: str, email: str, *, now: datetime) -> Judgement:
    """Let the page of a checkout be opened that was confirmed by letter: `OPEN` or `WAIT`."""
    limits = _by_place(CONFIRMED, network, _hashed(email))
    try:
        over = counters.hit(limits, now)
        if over is None:
            counters.let(checkout_id, keep=watch.kept_seconds(), now=now)
    except RedisError:
        over = _memory.hit(limits, now)
    return _wait(over, now) if over else _OPEN


def asked_by_letter(checkout_id: uuid.UUID, *, now: datetime) -> None:
    """Count a checkout that waits for its letter: paying it takes it off again. Best effort."""
    _count_held(str(checkout_id), now)


def was_paid(checkout_id: uuid.UUID, *, now: datetime) -> None:
    """Count the success of a checkout, once however often it is told. Best effort, never raises."""
    try:
        counters.paid(checkout_id, keep=watch.kept_seconds(), now=now)
    except RedisError as error:
        log.warning("shield_blind", error=type(error).__name__)


def _too_often(attempt: Attempt, now: datetime) -> bool:
    """Whether more attempts came from there than a person makes; False is for the calm alone."""
    keys = (attempt.network, block_of(attempt.network), _hashed(attempt.email), attempt.browser)
    limits = list(zip(STARTS, keys, strict=True))
    if attempt.small:
        limits.append((SAME_SMALL_AMOUNT, f"{attempt.amount.currency}{attempt.amount.minor}"))
    try:
        return counters.hit(limits, now) is not None
    except RedisError:
        return True


def _held_back(attempt: Attempt, now: datetime) -> Judgement:
    """A letter, or to wait where too many were asked for; who is signed in needs none."""
    try:
        over = counters.hit(_limits_of_letters(attempt, _proved(attempt, now)), now)
    except RedisError:
        over = _memory.hit(_limits_of_letters(attempt, proved=False), now)
    if over is None:
        return _OPEN if attempt.known else _LETTER
    _count_held(str(uuid.uuid4()), now)
    return _wait(over, now)


def _proved(attempt: Attempt, now: datetime) -> bool:
    return bool(attempt.proof[1]) and proofs.spend(*attempt.proof, now)


def _limits_of_letters(attempt: Attempt, proved: bool) -> list[tuple[Limit, str]]:
    email = _hashed(attempt.email)
    if attempt.known:
        return _by_place(CONFIRMED, attempt.network, email)
    to_one = zip(LETTERS_TO_ONE, (f"{email}:{block_of(attempt.network)}", email), strict=True)
    return [
        *_by_place(LETTERS_PROVED if proved else LETTERS_PLAIN, attempt.network),
        *to_one,
    ]


def _by_place(
    limits: tuple[Limit, ...], network: str, third: str = "all"
) -> list[tuple[Limit, str]]:
    """The limits of an address, of its block, and, where there is one more, of a third key."""
    return list(zip(limits, (network, block_of(network), third), strict=False))


def _count_held(what: str, now: datetime) -> None:
    try:
        counters.held(what, keep=watch.kept_seconds(), now=now)
    except RedisError as error:
        log.warning("shield_blind", error=type(error).__name__)


def _wait(over: Limit, now: datetime) -> Judgement:
    log.info("shield_wait", limit=over.name)
    return Judgement(Verdict.WAIT, over.seconds - int(now.timestamp()) % over.seconds)


def _hashed(email: str) -> str:
    return keyed_hash(email.strip().lower(), "shield").hex()[:32]
