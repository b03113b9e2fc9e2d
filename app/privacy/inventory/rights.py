"""What taking one's data out and having it erased keep."""

from app.privacy.inventory.shape import Kind

KINDS: tuple[Kind, ...] = ()

NOT_PERSONAL: dict[str, str] = {}
