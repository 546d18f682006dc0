import pytest

from .stand_ins import LinearRun


@pytest.fixture
def run():
    return LinearRun()
