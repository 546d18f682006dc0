import pytest

from aelatent import Run


@pytest.fixture
def run(small_world):
    return Run.open("small", data=small_world)
