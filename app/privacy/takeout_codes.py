"""What words of ours in a person's file mean, for the page; machines read the words themselves."""

from collections.abc import Callable, Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.desk import deed_words, letter_words

#: Keys of rows that hold a word of ours, and not what somebody wrote.
CODED = frozenset(
    {
        *("act", "by", "category", "cause", "device", "end_reason", "how", "interval"),
        *("interval_after", "interval_before", "kind", "language", "on_the_roll", "reason"),
        *("receipt_letters", "role", "source", "state", "status", "via", "what", "which"),
    }
)
#: Words that are written by whoever knows them all, by the section and the key.
KNOWN: Mapping[tuple[str, str], Callable[[str], str]] = {
    ("letters", "kind"): letter_words.kind,
    ("deeds", "act"): deed_words.act,
}
WORDS: Mapping[str, LazyString] = {
    "month": _l("each month"),
    "year": _l("each year"),
    "once": _l("once"),
    "pending": _l("waits"),
    "abandoned": _l("came to nothing"),
    "active": _l("goes on"),
    "past_due": _l("payment failed"),
    "paused": _l("paused"),
    "lapsed": _l("lapsed"),
    "ended": _l("ended"),
    "open": _l("open"),
    "paid": _l("was paid"),
    "expired": _l("ran out"),
    "left": _l("you left"),
    "unpaid": _l("not paid"),
    "disputed": _l("contested at the bank"),
    "amount": _l("another amount"),
    "pause": _l("pause"),
    "resume": _l("end of the pause"),
    "leave": _l("end with the paid time"),
    "leave_now": _l("end at once"),
    "stay": _l("end taken back"),
    "new": _l("new"),
    "returning": _l("came back"),
    "up": _l("more"),
    "down": _l("less"),
    "resumed": _l("goes on again"),
    "stripe": _l("by Stripe"),
    "bank": _l("by the bank"),
    "cash": _l("in cash"),
    "page": _l("on a page"),
    "letter": _l("from a letter"),
    "form": _l("on a form"),
    "staff": _l("our staff"),
    "rule": _l("a rule of the house"),
    "you": _l("you"),
    "first": _l("first visit"),
    "last": _l("last visit"),
    "phone": _l("phone"),
    "desktop": _l("computer"),
    "seconded": _l("seconded"),
    "reported": _l("reported"),
    "refund": _l("refund"),
    "dispute": _l("dispute"),
    "fraud_warning": _l("warning of fraud"),
    "movement": _l("money that moved"),
    "succeeded": _l("done"),
    "ready": _l("ready"),
    "asked": _l("asked"),
    "coming": _l("will be carried out"),
    "running": _l("is carried out"),
    "undone": _l("taken back"),
    "declined": _l("declined"),
    "wanted": _l("asked for by our staff"),
    "overtaken": _l("another wish was confirmed first"),
    "takeout": _l("file of one's own data"),
    "erasure": _l("wish to be erased"),
    "patron": _l("a patron"),
    "left_since": _l("a patron who left since"),
    "refunded": _l("paid back"),
    "votes": _l("letters about votes"),
    "topics": _l("letters about topics"),
    "given": _l("agreed"),
    "withdrawn": _l("ended"),
    "carried": _l("carried over from before"),
    "each": _l("each"),
    "yearly": _l("one a year"),
    "en": _l("English"),
    "uk": _l("Ukrainian"),
}


def written(section: str, key: str, value: str) -> str:
    """Write a word for people; what is not one of ours, or not known, stays as it is."""
    if (section, key) in KNOWN:
        return KNOWN[section, key](value)
    return str(WORDS.get(value, value)) if key in CODED else value
