"""What reading leaves: cookies, how a reader came, addresses of networks."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from app.accounts import sessions
from app.localisation import COOKIE, YEAR_SECONDS
from app.privacy.inventory import periods
from app.privacy.inventory.shape import Ground, InBrowser, Kept, Kind, Part, Seer

KINDS = (
    Kind(
        key="language",
        part=Part.READING,
        title=_l("The language you chose"),
        what=_l("Which of our languages you chose on a page."),
        why=_l("So that the next page is in it too."),
        grounds=(Ground.INTEREST,),
        kept=Kept(_l("after you chose it, in your browser"), timedelta(seconds=YEAR_SECONDS)),
        seen_by=(Seer.NOBODY,),
        in_browser=(
            InBrowser(COOKIE, _l("The language you chose."), timedelta(seconds=YEAR_SECONDS)),
        ),
    ),
    Kind(
        key="session",
        part=Part.READING,
        title=_l("The session of your browser"),
        what=_l(
            "A signed cookie with what this browser is doing: a mark against forged forms, a "
            "random word by which robots are told from people, the gift you began, whether you are "
            "signed in. It is set on pages with a form, and when a link told us how you came."
        ),
        why=_l("Without it you could neither send a form nor stay signed in."),
        grounds=(Ground.CONTRACT, Ground.INTEREST),
        kept=Kept(
            _l("after you signed in; else until you close the browser"), sessions.READER_LIFETIME
        ),
        seen_by=(Seer.NOBODY,),
        in_browser=(
            InBrowser(
                "session",
                _l(
                    "What this browser is doing here: forms, a gift that was begun, being "
                    "signed in, how you came. Unless you sign in it goes when you close the "
                    "browser."
                ),
                # Flask's PERMANENT_SESSION_LIFETIME, which a browser that signed in is told.
                timedelta(days=31),
            ),
        ),
        session_keys=(
            "csrf_token",
            "browser",
            "checkout",
            "letter_to",
            "vote_next",
            "receipt_word",
            "account_saved",
            "_flashes",
            "_permanent",
        ),
    ),
    Kind(
        key="arrival",
        part=Part.READING,
        title=_l("How you came to the giving page"),
        what=_l(
            "The article, campaign and kind of link that first and last led you here, and the "
            "name of the site you came from; never more of its address. It lies in your browser's "
            "session and reaches us only when you begin a gift."
        ),
        why=_l("To know which articles and letters bring support."),
        grounds=(Ground.INTEREST,),
        kept=Kept(_l("in your browser, with its session")),
        seen_by=(Seer.NOBODY,),
        session_keys=(sessions.ARRIVAL, "steps"),
    ),
    Kind(
        key="network",
        part=Part.READING,
        title=_l("The address of your network"),
        what=_l(
            "The IP address a form was sent from or an appeal was seen at, and a fingerprint of an "
            "e-mail address typed into a form, as names under which attempts and first views are "
            "counted. They are written into no table and no log of ours."
        ),
        why=_l("To stop robots that try out stolen cards, guess codes or flood forms."),
        grounds=(Ground.INTEREST,),
        kept=Kept(_l("after the attempt; then the count ends by itself"), timedelta(days=1)),
        seen_by=(Seer.NOBODY,),
        redis=("hromada:shield:", "LIMITS:"),
    ),
    Kind(
        key="logs",
        part=Part.READING,
        title=_l("The server's log"),
        what=_l(
            "For each page the moment, which kind of page, how it was answered and how long that "
            "took; with numbers of accounts and gifts where something went wrong. No names, "
            "addresses or words of yours; a vote leaves no line."
        ),
        why=_l("To find out why something failed."),
        grounds=(Ground.INTEREST,),
        kept=Kept(_l("after the line was written"), periods.logs),
        seen_by=(Seer.NOBODY,),
        in_logs=True,
    ),
)

#: Counts of visits to the giving page and of views of appeals say nothing about anybody: a day, a
#: step, a language, the kind of device, the campaign, the article and the appeal.
NOT_PERSONAL = {
    "funnel_day": "day step language device campaign article appeal count",
    "funnel_fold": "id folded_at",
    "campaign": "id name starts_on ends_on currency goal_minor cost_minor stated_at",
    "shield_log": "id raised_at lowered_at why held_back reached_stripe paid",
}
