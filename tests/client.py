"""The test client: a page that writes on GET, or asks once per row, fails the test."""

import re
from contextlib import contextmanager

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from zeal import zeal_context

READS = ("SELECT", "WITH", "EXPLAIN", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
# The only tables that a GET may write to: whether somebody is signed in, and who looked at a case.
WRITTEN_BY_A_GET = ("django_session", "cases_readlog")
_ALLOWED_WRITE = re.compile(rf'(INSERT INTO|UPDATE|DELETE FROM) "({"|".join(WRITTEN_BY_A_GET)})"')


class PortalClient(Client):
    """Django's client, stricter: a GET may not write, and no page may load row by row."""

    def get(self, *args, **kwargs):
        with connection.execute_wrapper(_refuse_writes):
            return super().get(*args, **kwargs)

    def head(self, *args, **kwargs):
        with connection.execute_wrapper(_refuse_writes):
            return super().head(*args, **kwargs)

    def request(self, **request):
        with zeal_context():
            return super().request(**request)


@contextmanager
def at_most(limit: int):
    """Fail when the block sends more than `limit` queries, and show them.

    Not counted are savepoints and the read log's one insert, which is on top of a page's budget.
    """
    with CaptureQueriesContext(connection) as captured:
        yield
    counted = [query["sql"] for query in captured if _counts(query["sql"])]
    shown = "\n".join(f"{n:3}. {sql[:300]}" for n, sql in enumerate(counted, 1))
    assert len(counted) <= limit, f"{len(counted)} queries where {limit} are allowed:\n{shown}"


def _refuse_writes(execute, sql, params, many, context):
    statement = sql.lstrip("( ")
    if not (statement.upper().startswith(READS) or _ALLOWED_WRITE.match(statement)):
        raise AssertionError(f"a GET wrote to the database: {sql}")
    return execute(sql, params, many, context)


def _counts(sql: str) -> bool:
    other_than_queries = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
    return not sql.startswith((*other_than_queries, 'INSERT INTO "cases_readlog"'))


def shown_again(page):
    """Return what a page that was refused carries now to say which state it shows."""
    return {"seen": re.search(r'name="seen" value="([^"]*)"', page.text)[1]}
