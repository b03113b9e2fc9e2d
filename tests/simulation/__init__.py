"""Years of made-up patrons lived through: the product itself before the sandbox's moved clock."""

import pytest

pytest.register_assert_rewrite("tests.simulation.audit")
