"""What requests to reprint keep."""

from app.privacy.inventory.shape import Kind

KINDS: tuple[Kind, ...] = ()

NOT_PERSONAL: dict[str, str] = {}
