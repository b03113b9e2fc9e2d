"""What a patron's pass keeps."""

from app.privacy.inventory.shape import Kind

KINDS: tuple[Kind, ...] = ()

NOT_PERSONAL: dict[str, str] = {}
