"""People who press at the same moment: threads with connections of their own, on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection


def on_postgresql():
    """Leave a test out on SQLite, which lets one writer in at a time anyway."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time anyway.")


def at_once(*acts):
    """Start all acts together; return what each gave back, or the exception that it raised."""
    start = Barrier(len(acts))

    def run(act):
        try:
            start.wait(timeout=10)
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [one.result() for one in [threads.submit(run, act) for act in acts]]
