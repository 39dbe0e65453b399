
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.client import _counts
from tests.test_access import PAGES, READERS
from tests.world import address_of


@pytest.mark.django_db
@pytest.mark.parametrize("reader", READERS)
def test_each(request, browse, world, reader):
    case, keys = world
    client = browse(request.getfixturevalue(reader))
    for page, row in PAGES.items():
        if row[READERS.index(reader)] != 200 or page == "providers:service":
            continue
        with CaptureQueriesContext(connection) as c:
            try:
                r = client.get(address_of(page, case, keys))
            except Exception as e:
                print(reader, page, "EXC", str(e)[:150])
        qs = [q["sql"] for q in c if _counts(q["sql"])]
        print(reader, page, len(qs), "OVER" if len(qs) > 12 else "")
        if len(qs) > 12:
            for q in qs:
                print("     ", q[:2000].replace('"', ""))
