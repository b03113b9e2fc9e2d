"""Where a proposal may stand, which way it may go, and how much of it there may be. Pure."""

from enum import StrEnum

MOST_LINKS = 3
LONGEST_TITLE, LONGEST_WHY, LONGEST_LINK, LONGEST_REASON = 120, 1500, 500, 1000
#: A title says more than one word; a reason is a sentence.
SHORTEST_TITLE, SHORTEST_WHY = 8, 20


class State(StrEnum):
    """Where a proposal stands."""

    NEW = "new"
    CONSIDERING = "considering"
    #: May be offered in a round.
    SHORTLISTED = "shortlisted"
    #: Won a round; what comes of it is a promise.
    CHOSEN = "chosen"
    DECLINED = "declined"
    #: Goes on in another proposal that means the same.
    MERGED = "merged"


#: What staff may make of a proposal, by where it stands. A round alone chooses.
MOVES: dict[State, tuple[State, ...]] = {
    State.NEW: (State.CONSIDERING, State.SHORTLISTED, State.DECLINED),
    State.CONSIDERING: (State.SHORTLISTED, State.DECLINED),
    State.SHORTLISTED: (State.CONSIDERING, State.DECLINED),
    State.CHOSEN: (),
    State.DECLINED: (State.CONSIDERING,),
    State.MERGED: (),
}
#: Where patrons may still second it, and staff merge it into another.
UNDECIDED = (State.NEW, State.CONSIDERING, State.SHORTLISTED)
#: What another may be merged into.
KEEPS = (*UNDECIDED, State.CHOSEN)


def may_move(state: str, to: str) -> bool:
    """Whether staff may move a proposal from one state to another."""
    return to in MOVES[State(state)]
