"""Measure the pages against a database filled by `tests.benchmarks.fill` (docs/performance.md).

    DEBUG=1 DATABASE_URL=postgres://…/kim_size python -m tests.benchmarks.pages [--explain 50]

Prints the median of five requests, what of it this process worked and what it waited for the
database, and the queries; with `--explain` also the plan of each query that took longer than so
many milliseconds. Only reads. On a busy machine the work is what can be compared.
"""

# ruff: noqa: T201
import argparse
import os
import statistics
import sys
import time
from functools import partial

import django

TIMES = 5


def addresses(names):
    """Yield (what, who, address) of everything that is measured."""
    register, cases = "/cases/register/", "/cases/"
    for who in ("worker", "onecenter", "everywhere"):
        for sort in ("due", "untouched", "newest"):
            yield f"Fallregister, {sort}", who, f"{register}?sort={sort}"
        yield "Fallregister, closed, newest", who, f"{register}?state=closed&sort=newest"
        yield "Fallregister, all, untouched", who, f"{register}?state=all&sort=untouched"
        yield "Fallregister, phase", who, f"{register}?phase=assessment"
        yield "Fallregister, provider", who, f"{register}?provider=awo"
        yield "Fallregister, legal domain", who, f"{register}?legal_domain=SGB2"
        yield "Fallregister, rare legal domain", who, f"{register}?legal_domain=BERHG"
        yield "Fallregister, overdue", who, f"{register}?due=overdue"
        yield "Fallregister, due in a week", who, f"{register}?due=week"
        yield "Fallregister, later page", who, f"{register}?after={names['later']}"
    for who in ("onecenter", "everywhere"):
        for waiting in ("no_lead", "no_deputy", "offered", "offer_overdue"):
            yield f"Fallregister, {waiting}", who, f"{register}?waiting={waiting}"
        yield "Auswertung", who, "/dashboard/"
        yield "Auswertung, needs counted anew", who, "/dashboard/?recount=1"
        yield "Zuordnen", who, names["without_lead"]
    yield "Fallregister, one center of all", "everywhere", f"{register}?center=HAM"
    for sort in ("due", "untouched", "newest", "name"):
        yield f"Fälle, {sort}", "worker", f"{cases}?sort={sort}"
    for query in ("state=all", "state=closed&sort=newest", "role=deputy", "attention=quiet"):
        yield f"Fälle, {query}", "worker", f"{cases}?{query}"
    for query in ("attention=no_deputy", "legal_domain=SGB2", "due=week", "phase=planning"):
        yield f"Fälle, {query}", "worker", f"{cases}?{query}"
    yield "Fälle, search by name", "worker", f"{cases}?search=name&state=all"
    yield "Fälle, search by a common name", "worker", f"{cases}?search=common&state=all"
    yield "Fälle, search by two letters", "worker", f"{cases}?search=short&state=all"
    yield "Fälle, search by telephone", "worker", f"{cases}?search=phone&state=all"
    yield "Wiedervorlagen", "worker", "/follow-ups/"
    yield "Wiedervorlagen, done", "worker", "/follow-ups/?state=done"
    yield "Wiedervorlagen, search by name", "worker", "/follow-ups/?search=name"
    for sort in ("latest", "untouched", "name"):
        yield f"Wiedervorlagen, {sort}", "worker", f"/follow-ups/?sort={sort}"
    for sort in ("name", "waiting", "verified", "unverified"):
        yield f"Verzeichnis, {sort}", "worker", f"/directory/?sort={sort}"
    yield "Mein Tag", "worker", "/day/"
    for show in ("incoming", "outgoing", "answered"):
        yield f"Übergaben, {show}", "worker", f"/handovers/?show={show}"
        yield f"Übergaben, {show}, name", "worker", f"/handovers/?show={show}&search=name"
    for query in ("waiting=overdue", "waiting=urgent", "sort=untouched"):
        yield f"Übergaben, {query}", "worker", f"/handovers/?show=outgoing&{query}"
    yield "Fallakte", "worker", f"/cases/{names['own']}/"
    yield "Fallakte, everything that happened", "worker", f"/cases/{names['own']}/timeline/"
    yield "Kontakt notieren", "worker", f"/cases/{names['own']}/contacts/new/"
    yield "Fall übergeben", "worker", f"/cases/{names['own']}/hand-over/"
    yield "Fall anlegen", "worker", "/cases/new/"
    yield "Export of the own cases", "worker", "/cases/export/"
    yield "Dubletten", "worker", None


def measure(client, address, *, explain):
    """Return (status, milliseconds: all, own work and database, number of queries)."""
    from django.db import connection

    asked = []

    def watch(execute, sql, params, many, context):
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            asked.append((1000 * (time.perf_counter() - began), sql, params))

    all_, work, database = [], [], []
    for _ in range(TIMES):
        asked.clear()
        began, worked = time.perf_counter(), time.process_time()
        with connection.execute_wrapper(watch):
            if callable(address):
                status = f"{len(address())} found"
            else:
                status = client.get(address).status_code
        all_.append(1000 * (time.perf_counter() - began))
        work.append(1000 * (time.process_time() - worked))
        database.append(sum(took for took, _sql, _params in asked))
    for took, sql, params in asked:
        if explain and took > explain and sql.lstrip("(").startswith("SELECT"):
            print(f"--- {took:.0f} ms: {sql % tuple(map(repr, params))}"[:3000])
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
                print("\n".join(row[0] for row in cursor.fetchall()))
    return status, *map(statistics.median, (all_, work, database)), len(asked)


def main():
    from django.test import Client
    from django.urls import reverse

    from cases.duplicates import Identity, likely_duplicates
    from cases.forms.kept_search import SEARCHES
    from cases.models import Case, Person
    from providers.models import StaffMember

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--explain", type=float, help="show plans of slower queries (ms)")
    parser.add_argument("--only", default="", help="measure only what has this in its name")
    options = parser.parse_args()

    people = {name: StaffMember.objects.get(username=name) for name in ("onecenter", "everywhere")}
    people["worker"] = Case.objects.filter(center__code="HAM").order_by("pk").first().lead
    clients = {}
    for name, person in people.items():
        clients[name] = Client()
        clients[name].force_login(person)
    own = Case.objects.visible_to(people["worker"]).active().order_by("pk").first()
    session = clients["worker"].session
    session[SEARCHES] = {
        "name": str(own.person),
        "common": "Ahmad",
        "short": "Ya",
        "phone": own.person.phone[-7:],
    }
    session.save()
    names = {
        "own": own.reference,
        "later": Case.objects.filter(center__code="HAM", closed_on=None)
        .order_by("next_due_on", "pk")[900]
        .reference,
        "without_lead": reverse("cases:without_lead"),
    }
    print(f"{Case.objects.count()} cases, {Case.objects.active().count()} of them active")
    print(f"{'':55} {'all ms':>8} {'work ms':>8} {'db ms':>8} {'queries':>8}")
    for what, who, address in addresses(names):
        if options.only not in f"{what}, {who}":
            continue
        if address is None:
            identity = Identity.of(Person.objects.get(pk=own.person_id))
            address = partial(likely_duplicates, identity)
        status, took, work, database, queries = measure(
            clients[who], address, explain=options.explain
        )
        mark = " !" if took > 200 else ""
        print(
            f"{what + ', ' + who:55} {took:8.0f} {work:8.0f} {database:8.0f} {queries:8} "
            f"[{status}]{mark}"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kim_portal.settings")
    from django.conf import settings

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    settings.DEBUG = False
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    django.setup()
    main()
