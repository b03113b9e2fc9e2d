"""What taking one's data out and having it erased keep."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from app.privacy.inventory.periods import YEAR
from app.privacy.inventory.shape import Ground, Kept, Kind, Part, Recipient, Seer
from config.settings import Settings


def _takeout(settings: Settings) -> timedelta:
    return timedelta(hours=settings.takeout_hours)


KINDS: tuple[Kind, ...] = (
    Kind(
        key="takeout",
        part=Part.ACCOUNT,
        title=_l("The file of your data"),
        what=_l("Everything in this list that is yours, in one file, and when you asked for it."),
        why=_l("Because you asked for it. It is sealed, and only you can fetch it, signed in."),
        grounds=(Ground.LAW,),
        kept=Kept(_l("after it was made"), _takeout),
        seen_by=(Seer.SELF,),
        given_to=(Recipient.MAIL,),
        tables={
            "takeout": (
                "id account_id locale asked_at ready_at failed_at expires_at fetched_at size parts "
                "attempts due_at error"
            ),
            "takeout_part": "takeout_id place sealed",
        },
    ),
    Kind(
        key="erasure",
        part=Part.ACCOUNT,
        title=_l("That you asked to be erased"),
        what=_l(
            "When you asked, confirmed or took it back, and each step of what was done. Once it is "
            "done it names a number and nobody; what Stripe called you is sealed for 60 days, to "
            "know and empty what Stripe still tells of you."
        ),
        why=_l("To do it whole, and to be able to show that it was done."),
        grounds=(Ground.LAW,),
        kept=Kept(
            _l("after it was taken back or ran out; once it is done for good, of nobody"), YEAR
        ),
        seen_by=(Seer.SELF, Seer.FUNDRAISERS, Seer.FINANCE, Seer.OWNERS),
        given_to=(Recipient.STRIPE, Recipient.MAIL),
        tables={
            "erasure": (
                "id account_id state locale asked_by_id asked_at at_once confirmed_at comes_at "
                "begun_at ended_at done_at customers_sealed watched_at watch_until again_at "
                "books_cut_at attempts due_at error"
            ),
            "erasure_step": "erasure_id name subject rows done_at",
        },
    ),
)

NOT_PERSONAL: dict[str, str] = {}
