"""What every report must say, recounted slowly from the raw rows; each takes what was asked."""

import pkgutil

import pytest

# So that what differs is shown, as in a test.
for _oracle in pkgutil.iter_modules(__path__):
    pytest.register_assert_rewrite(f"{__name__}.{_oracle.name}")
