"""What the elements on the newsroom's own pages keep."""

from app.privacy.inventory.shape import Kind

KINDS: tuple[Kind, ...] = ()

NOT_PERSONAL: dict[str, str] = {}
