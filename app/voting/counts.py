"""One count of a closed round: its ballots, what besides them decides, and what comes out."""

import hashlib
from typing import Any

from app.voting import box, secrecy, tally
from app.voting.models import Round


def count(round_: Round) -> dict[str, Any]:
    """Count a round's ballots; return what a `Tally` says of them, its revision and reason apart.

    Reads in the transaction that is under way and changes nothing; the same ballots, rules and
    code give the same bytes whenever it is asked. Raises `box.CountsDiffer`.
    """
    sealed = box.seal(round_)
    params = _params(round_, sealed)
    outcome = tally.tally(
        sealed.profile,
        params["topics"],
        round_.rules,
        tally.Lot(secrecy.seed(round_), sealed.root, round_.slug or ""),
        params["withdrawn"],
    )
    result = tally.as_json(outcome)
    return {
        "round_id": round_.id,
        "input_root": sealed.root,
        "params": params,
        "params_hash": digest(params),
        "code_version": tally.CODE_VERSION,
        "result": result,
        "result_hash": digest(result),
        "voided": sealed.voided,
    }


def digest(plain: dict[str, Any]) -> bytes:
    """Return the SHA-256 of plain values in their one JSON text."""
    return hashlib.sha256(tally.canonical(plain)).digest()


def _params(round_: Round, sealed: box.Sealed) -> dict[str, Any]:
    """What besides the ballots decides the result, for anybody who counts again."""
    return {
        "slug": round_.slug,
        "method": round_.method,
        "seats": round_.seats,
        "tie_rule": round_.tie_rule,
        "max_choices": round_.max_choices,
        "topics": [topic.number for topic in round_.topics],
        "withdrawn": [topic.number for topic in round_.topics if topic.withdrawn_at],
        "seed": secrecy.seed(round_).hex(),
        "seed_commit": (round_.seed_commit or b"").hex(),
        "lists": sealed.lists.value,
        "lists_sha256": sealed.hashes,
        "voted": sum(sealed.profile.values()) + sealed.voided,
    }
