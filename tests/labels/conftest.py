"""The commands of the rounds, run within the process of the test."""

import pytest

from tests.labels.repository import Command


@pytest.fixture
def labels(capsys):
    return Command(capsys)
