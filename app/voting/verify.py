"""Recount a round from its published files. Needs Python 3.9 or newer, and nothing else.

Put round.json, result.json and the lists (ballots.csv, receipts.csv) of a round in one folder and
run `python3 verify.py FOLDER`. It compares every hash, counts the ballots anew and ends with 0 when
all of it agrees, with 1 when anything does not. `--receipt CODE` also looks for your own ballot;
`--commitment HEX` compares the hash that you noted while the round was open.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

Plain = dict[str, Any]
Profile = dict[tuple[int, ...], int]


class Check:
    """Says of each thing that was compared whether it agrees, and remembers what did not."""

    wrong = 0

    def __call__(self, agrees: bool, what: str) -> bool:
        """Say whether one thing agrees."""
        self.wrong += not agrees
        self.say("ok   " if agrees else "WRONG", what)
        return agrees

    def say(self, word: str, what: str) -> None:
        """Write one line."""
        sys.stdout.write(f"{word} {what}\n")


def canonical(plain: Any) -> bytes:
    """The one text of a JSON value: keys sorted, no spaces, UTF-8."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(data: bytes) -> str:
    """The hash in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def check_lists(check: Check, folder: Path, about: Plain) -> None:
    """Compare the lists with their hashes, and these with the root that the lot was drawn from."""
    hashes, lists = about["lists_sha256"], about["lists"]
    for name in ("receipts", "ballots"):
        path = folder / f"{name}.csv"
        if name == "ballots" and lists == "withheld":
            check.say("-    ", "the choices are withheld: so few ballots could betray their voters")
        elif name in hashes and check(path.is_file(), f"{name}.csv is there"):
            check(sha256(path.read_bytes()) == hashes[name], f"{name}.csv has its SHA-256")
    if not hashes:
        check.say("-    ", "the root of this older round was made from a list that is withheld")
        return
    both = "".join(f"{hashes[name]}\n" for name in ("receipts", "ballots") if name in hashes)
    root = hashes["ballots"] if lists == "together" else sha256(both.encode())
    check(root == about["ballots_root"], "the root is that of the lists")


def read_ballots(check: Check, folder: Path, about: Plain) -> Profile | None:
    """How many ballots carry each set of choices; None where the choices are withheld."""
    path, together = folder / "ballots.csv", about["lists"] == "together"
    if about["lists"] == "withheld" or not path.is_file():
        return None
    profile: Counter[str] = Counter()
    last, sorted_ = "", True
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            code, _, text = line.rstrip("\n").rpartition(",")
            if together:
                sorted_, last = sorted_ and code > last, code
            profile[text] += 1
    check(sorted_, "no receipt stands twice, and all are in order")
    known, most = set(about["params"]["topics"]), about["params"]["max_choices"]
    read = {tuple(int(n) for n in text.split()): count for text, count in profile.items()}
    check(
        all(list(c) == sorted(set(c)) and set(c) <= known and len(c) <= most for c in read),
        "every ballot names topics of the round, each once, and no more than allowed",
    )
    return read


def score(profile: Profile, left: list[int], won: set[int], shared: bool) -> dict[int, Fraction]:
    """What the ticks of each topic count once others have won."""
    sums = dict.fromkeys(left, Fraction(0))
    for choices, count in profile.items():
        worth = Fraction(count, 1 + (len(won & set(choices)) if shared else 0))
        for topic in choices:
            if topic in sums:
                sums[topic] += worth
    return sums


def places(profile: Profile, params: Plain, root: str) -> list[Plain]:
    """Every topic's place: steps as they stand in result.json."""
    shared = params["method"] == "share_the_wins"
    left = sorted(set(params["topics"]) - set(params["withdrawn"]))
    steps: list[Plain] = []
    won: set[int] = set()

    def lot(topic: int) -> bytes:
        head = b"tiebreak-v1\n" + bytes.fromhex(params["seed"]) + bytes.fromhex(root)
        return hashlib.sha256(head + f"{params['slug']}\n{topic}".encode()).digest()

    while left:
        sums = score(profile, left, won, shared)
        best = max(sums.values())
        level = [topic for topic in left if sums[topic] == best]
        if best and len(level) > 1 and params["tie_rule"] == "lot":
            order = sorted(level, key=lot)
            groups, drawn = [[t] for t in (order[:1] if shared else order)], level
        else:
            groups, drawn = [level], list[int]()
        for topics in groups:
            steps.append({"topics": topics, "score": str(best), "drawn_from": drawn})
            won |= set(topics)
        left = [topic for topic in left if topic not in won]
    return steps


def elected(steps: list[Plain], params: Plain) -> tuple[list[int], list[int], int]:
    """The winners, and where the newsroom has to choose: between whom, and how many."""
    winners: list[int] = []
    for step in steps:
        free = params["seats"] - len(winners)
        if free <= 0 or step["score"] == "0":
            break
        if len(step["topics"]) > free and params["tie_rule"] == "staff_decides":
            return winners, step["topics"], free
        winners += step["topics"]
    return winners, [], 0


def recount(check: Check, profile: Profile | None, about: Plain, result: Plain) -> None:
    """Count, and compare with the published result in every part."""
    params = about["params"]
    if profile is None:
        if params["method"] == "share_the_wins":
            check.say("-    ", "without the choices nobody else can count shared wins again")
            return
        # Where most ticks win, the sums of ticks are enough to find every place.
        profile = {(int(topic),): ticks for topic, ticks in result["approvals"].items()}
    else:
        check(sum(profile.values()) == result["ballots"], f"{result['ballots']} ballots")
        check(profile.get((), 0) == result["blank"], f"{result['blank']} of them blank")
    standing = [t for t in params["topics"] if t not in params["withdrawn"]]
    ticks = {str(t): sum(n for choices, n in profile.items() if t in choices) for t in standing}
    check(ticks == result["approvals"], f"the ticks of each topic: {ticks}")
    steps = places(profile, params, about["ballots_root"])
    check(steps == result["steps"], "every topic's place, and every lot")
    winners, undecided, seats = elected(steps, params)
    check(winners == result["winners"], f"the topics that win: {winners}")
    same = (undecided, seats) == (result["undecided"], result["undecided_seats"])
    check(same, f"what is left for the newsroom to decide: {undecided or 'nothing'}")


def main() -> int:
    """Check the folder that was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", default=".", type=Path)
    parser.add_argument("--receipt", help="your receipt code")
    parser.add_argument("--commitment", help="the SHA-256 shown while the round was open")
    asked = parser.parse_args()
    check = Check()
    about = json.loads((asked.folder / "round.json").read_bytes())
    written = (asked.folder / "result.json").read_bytes()
    result, params = json.loads(written), about["params"]
    check(sha256(canonical(params)) == about["params_sha256"], "the rules have their SHA-256")
    check(sha256(written) == about["result_sha256"], "result.json has its SHA-256")
    fixed = sha256(bytes.fromhex(params["seed"])) == params["seed_commit"]
    check(fixed, "the number for lots is the one whose hash was published at the opening")
    if asked.commitment:
        check(asked.commitment.lower() == params["seed_commit"], "that hash is the one you noted")
    voted = result["ballots"] + about["voided"]
    check(
        voted == about["voted"], f"{voted} people voted, {about['voided']} of the ballots are void"
    )
    check_lists(check, asked.folder, about)
    recount(check, read_ballots(check, asked.folder, about), about, result)
    if asked.receipt:
        name = "ballots" if about["lists"] == "together" else "receipts"
        lines = (asked.folder / f"{name}.csv").read_text().splitlines()
        own = [line for line in lines if line.partition(",")[0] == asked.receipt.strip().upper()]
        check(len(own) == 1, f"your receipt: {own[0] if own else 'not in the list'}")
    check.say("", "Everything agrees." if not check.wrong else f"{check.wrong} do not agree.")
    return 1 if check.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
