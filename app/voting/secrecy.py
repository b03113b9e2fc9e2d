"""What keeps ballots apart from voters, and lots apart from whoever would like to win them."""

import hashlib
import hmac
import secrets
import threading
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.extensions import db
from app.sealing import keyed_hash, seal, unseal
from app.voting.models import Round, RoundStatus, RoundTopic

BALLOT_KEY, SEED = "ballot-key", "lot-seed"
#: 26 characters of base32 are 130 bits: a server that may choose the secret cannot find two voters
#: one code.
RECEIPT_LENGTH = 26


@dataclass(frozen=True, slots=True)
class BallotKeys:
    """The ballot keys of one round's voters, while the round's secret lives."""

    round_id: int
    secret: bytes

    def of(self, account_id: int) -> bytes:
        """Return the key of an account's ballot, HMAC-SHA256 under the round's secret."""
        message = f"ballot-v1\n{self.round_id}\n{account_id}".encode()
        return hmac.new(self.secret, message, hashlib.sha256).digest()


@dataclass(frozen=True, slots=True)
class Held:
    """The keys of an open round as a process holds them for a while."""

    keys: BallotKeys
    #: What they were unsealed from: they are good only while the round still has it.
    sealed: bytes


#: The keys of rounds that take ballots, by the address of the round, each for `HELD_SECONDS`.
_held: dict[str, Held] = {}
HELD_SECONDS = 60.0


def held(
    slug: str, *, anew: bool = False, timer: type[threading.Timer] = threading.Timer
) -> Held | None:
    """Return the keys of a round that has opened and not closed; None where there is none.

    `anew`: as the round says it now, whatever this process holds. To read and unseal them for every
    ballot took longer than to keep it. A timer lets go of them, whether somebody votes or not, so
    that no process remembers what has been destroyed.
    """
    found = None if anew else _held.get(slug)
    if found is not None:
        return found
    now = func.clock_timestamp()
    round_ = db.session.scalar(
        select(Round).where(
            Round.slug == slug,
            Round.status == RoundStatus.OPEN,
            Round.opens_at <= now,
            Round.closes_at > now,
        )
    )
    if round_ is None or round_.ballot_key_sealed is None:
        return None
    found = _held.get(slug)
    if found is not None and found.sealed == round_.ballot_key_sealed:
        return found
    keys = BallotKeys(round_.id, unseal(round_.ballot_key_sealed, BALLOT_KEY))
    forget = timer(HELD_SECONDS, let_go, [slug])
    forget.daemon = True
    forget.start()
    found = _held[slug] = Held(keys, round_.ballot_key_sealed)
    return found


def let_go(slug: str) -> None:
    """Forget the keys of a round in this process."""
    _held.pop(slug, None)


def equip(round_: Round) -> None:
    """Draw the secrets of a round that opens; only the seed's SHA-256 can be read afterwards."""
    seed = secrets.token_bytes(32)
    round_.seed_commit = hashlib.sha256(seed).digest()
    round_.seed_sealed = seal(seed, SEED)
    round_.ballot_key_sealed = seal(secrets.token_bytes(32), BALLOT_KEY)


def strip(round_: Round) -> None:
    """Forget the secrets of a round that is not to open yet; it gets new ones when it does."""
    round_.seed_commit = round_.seed_sealed = round_.ballot_key_sealed = None


def ballot_keys(round_: Round) -> BallotKeys | None:
    """Return the keys of a round's ballots; None before the opening and once destroyed."""
    if round_.ballot_key_sealed is None:
        return None
    return BallotKeys(round_.id, unseal(round_.ballot_key_sealed, BALLOT_KEY))


def seed(round_: Round) -> bytes:
    """Return the seed that decides lots. Only for the count: nobody may know it before."""
    assert round_.seed_sealed is not None, "drawn at the opening"
    return unseal(round_.seed_sealed, SEED)


def canonical_choices(choices: Sequence[int]) -> str:
    """Return choices as they stand in the published list: numbers ascending, spaces between."""
    return " ".join(str(choice) for choice in sorted(choices))


def receipt(slug: str, account_id: int, choices: Sequence[int]) -> tuple[str, str]:
    """Return a new receipt code and the secret that lets its voter prove it is theirs.

    The code is bound to the voter, so that two equal ballots cannot share one:
    base32(HMAC-SHA256(secret, "receipt-v1", round, account, choices)), cut to 26 characters. The
    secret is given to the voter (32 hexadecimal digits) and kept nowhere.
    """
    secret = secrets.token_bytes(16)
    message = f"receipt-v1\n{slug}\n{account_id}\n{canonical_choices(choices)}".encode()
    # Twenty bytes are 32 characters: enough, and the encoder is slow.
    code = b32encode(hmac.new(secret, message, hashlib.sha256).digest()[:20])[:RECEIPT_LENGTH]
    return code.decode(), secret.hex()


def shuffled(topics: Sequence[RoundTopic], round_id: int, account_id: int) -> list[RoundTopic]:
    """Return the topics in a reader's own order, the same at every visit."""
    return sorted(
        topics, key=lambda topic: keyed_hash(f"{round_id}:{account_id}:{topic.number}", "shuffle")
    )
