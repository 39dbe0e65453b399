"""What only the tests of providers need."""

from contextlib import contextmanager
from datetime import datetime, time

import pytest
import time_machine
from django.utils import timezone


@pytest.fixture
def time_machine_at():
    """`with time_machine_at(day): …` lives at noon of that day."""

    @contextmanager
    def at(day):
        noon = datetime.combine(day, time(12), tzinfo=timezone.get_current_timezone())
        with time_machine.travel(noon, tick=True):
            yield

    return at
