import contextlib

import pytest

from aelatent.model._backend import load, without_remapping


@pytest.mark.parametrize("before", [True, False])
def test_remapping_is_off_inside_and_as_before_outside(before):
    options = load().tf.config.optimizer
    options.set_experimental_options({"remapping": before})
    try:
        with contextlib.suppress(KeyboardInterrupt), without_remapping():
            assert options.get_experimental_options()["remapping"] is False
            raise KeyboardInterrupt
        assert options.get_experimental_options()["remapping"] is before
    finally:
        options.set_experimental_options({"remapping": True})
