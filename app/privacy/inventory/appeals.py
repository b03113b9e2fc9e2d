"""What appeals and goals keep, which is about nobody: views of them are counts of a day."""

from app.privacy.inventory.shape import Kind

KINDS: tuple[Kind, ...] = ()

NOT_PERSONAL = {
    "appeal": (
        "id name texts amounts articles sections from_at until_at is_on edition edition_at "
        "created_at"
    ),
    "goal": "id titles kind target currency starts_on ends_on is_shown created_at",
}
