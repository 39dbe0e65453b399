"""Fill an empty PostgreSQL database with the cases of many cities and years (docs/performance.md).

    DEBUG=1 DATABASE_URL=postgres://…/kim_size python -m tests.benchmarks.fill 300000

The rows are plausible in number, spread and dates, not in content; no step was ever taken on
them. One case in eight is active, each caseworker leads about 60 of those.
"""

import os
import sys
import time
from itertools import product

import django

CENTERS = 20
CASEWORKERS = 600

# fmt: off
# ruff: noqa: SIM905
GIVEN = (
    "Amina Ahmad Anna Andrei Bilal Bojana Cem Daria Elif Emeka Fatima Farid Galina Hassan "
    "Hamid Ioana Ivan Jamila Jusuf Katarzyna Khaled Layla Leyla Maria Mehmet Mohammad Nadia "
    "Noor Olena Omar Petar Rania Samira Sergiy Tigist Viktoria Yasmin Yusuf Zahra Zoran "
).split()
FAMILY = (
    "Abdi Ahmadi Aksoy Al-Hassan Asenova Bakir Bala Bello Bondarenko Celik Ciobanu Demir "
    "Dimitrov Dogan El-Sayed Fofana Georgieva Ghebre Haddad Haile Hoxha Ibrahim Ivanova "
    "Jankovic Kaya Khalil Kovalenko Kowalska Kurt Lungu Mahmoud Marinov Mehdi Moldovan "
    "Nowak Okafor Osman Petrenko Popescu Qasim Rahimi Rostami Saleh Schevchenko Stoyanova "
    "Tesfaye Todorov Traore Usman Vasile Yilmaz Yildiz Zaki Zelenko "
).split()

STAFF = [
    # Seventeen more centers beside the three of the catalogue, all of one district.
    """
    INSERT INTO centers_center (code, name, slug, street, postal_code, city, email,
        accessibility_note, is_active, district_id)
    SELECT 'Z' || to_char(i, 'FM00'), 'RSC Größe ' || i, 'size-' || i, 'Weg ' || i, '47000',
        'Duisburg', 'rsc@example.org', '', true, (SELECT min(code) FROM centers_district)
    FROM generate_series(4, %(centers)s) i
    """,
    """
    INSERT INTO providers_staffmember (password, username, given_name, family_name, email, phone,
        is_recognised_social_worker, is_demo, session_round, created_at)
    SELECT '!', 'size' || i, 'Vorname' || i, 'Nachname' || i, '', '', true, false, 0, now()
    FROM generate_series(1, %(caseworkers)s) i
    """,
    """
    CREATE TEMP TABLE worker AS
    SELECT row_number() OVER (ORDER BY s.id) - 1 AS n, s.id,
        (SELECT id FROM centers_center ORDER BY id OFFSET ((s.id - f.first) %% %(centers)s) LIMIT 1)
            AS center,
        (SELECT id FROM providers_provider ORDER BY id
            OFFSET ((s.id - f.first) / %(centers)s %% 5) LIMIT 1) AS provider
    FROM providers_staffmember s, (SELECT min(id) AS first FROM providers_staffmember
        WHERE username LIKE 'size%%') f
    WHERE s.username LIKE 'size%%'
    """,
    """
    INSERT INTO providers_assignment (role, fte, valid_from, created_at, center_id,
        staff_member_id, employer_id)
    SELECT 'caseworker', 1, '2016-01-01', now(), center, id, provider FROM worker
    """,
    # One coordinator of all centers, one of a single center.
    """
    INSERT INTO providers_staffmember (password, username, given_name, family_name, email, phone,
        is_recognised_social_worker, is_demo, session_round, created_at)
    SELECT '!', name, 'Kim', 'Koordination', '', '', true, false, 0, now()
    FROM unnest(ARRAY['everywhere', 'onecenter']) name
    """,
    """
    INSERT INTO providers_assignment (role, fte, valid_from, created_at, center_id,
        staff_member_id, employer_id)
    SELECT 'coordinator', 1, '2016-01-01', now(),
        CASE WHEN username = 'onecenter' THEN (SELECT min(id) FROM centers_center) END,
        id, (SELECT min(id) FROM providers_provider)
    FROM providers_staffmember WHERE username IN ('everywhere', 'onecenter')
    """,
]

CASES = [
    """
    INSERT INTO cases_person (given_name, family_name, native_name, aliases, birth_date,
        birth_precision, gender, phone, second_phone, email, contact_note, street, postal_code,
        city, whereabouts, address_locked, name_key, name_codes)
    SELECT given, family, '', '', date '1950-01-01' + (i::bigint * 7919 %% 23000)::int, 'exact',
        'KA', '+493023125' || to_char(i %% 1000, 'FM000'), '', '', '', '', '', '', 'unknown',
        false, key, codes
    FROM generate_series(1, %(cases)s) i JOIN name ON name.n = (i::bigint * 104729) %% %(names)s
    """,
    """
    CREATE TEMP TABLE plan AS
    SELECT p.id AS person, p.family_name || ', ' || p.given_name AS sort_name,
        w.id AS lead, w.center, w.provider, p.n,
        p.n / %(caseworkers)s %% 8 = 0 AS is_active,
        CASE WHEN p.n / %(caseworkers)s %% 8 = 0 THEN current_date - (p.n * 31 %% 700)::int
             ELSE current_date - 400 - (p.n * 37 %% 3200)::int END AS opened_on,
        (p.n * 13 %% 10) AS dice
    FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM cases_person) p
    JOIN worker w ON w.n = p.n %% %(caseworkers)s
    """,
    """
    INSERT INTO cases_case (reference, phase, intensity, concern, is_urgent, opened_on, closed_on,
        outcome, pause_reason, sort_name, next_due_on, last_touched_at, center_id, deputy_id,
        lead_id, provider_id, closing_reason_id, person_id)
    SELECT 'SIZ-' || to_char(opened_on, 'YYYY') || '-' || plan.n,
        CASE WHEN is_active THEN (ARRAY['clearing', 'assessment', 'planning', 'linking',
            'monitoring'])[1 + dice / 2] ELSE 'closed' END,
        'normal', 'Anliegen', dice = 3, opened_on, CASE WHEN NOT is_active THEN opened_on + 300 END,
        '', '', sort_name,
        CASE WHEN is_active THEN current_date - 7 + (plan.n * 11 %% 60)::int ELSE '9999-12-31' END,
        CASE WHEN is_active THEN now() - (plan.n * 17 %% 60) * interval '1 day'
             ELSE opened_on + interval '300 days' END,
        plan.center, CASE WHEN dice > 2 THEN other.id END, lead, plan.provider,
        CASE WHEN NOT is_active THEN (SELECT min(code) FROM cases_closingreason) END, person
    FROM plan JOIN worker other ON other.n = (plan.n + %(centers)s) %% %(caseworkers)s
    """,
    """
    INSERT INTO cases_caseaccess (reason, starts_at, note, case_id, granted_by_id, provider_id,
        staff_member_id)
    SELECT 'lead', opened_on, '', id, lead_id, provider_id, lead_id FROM cases_case
    """,
    """
    INSERT INTO cases_caseaccess (reason, starts_at, ends_at, note, case_id, granted_by_id,
        provider_id, staff_member_id)
    SELECT 'deputy', opened_on, closed_on, '', c.id, lead_id, w.provider, deputy_id
    FROM cases_case c JOIN worker w ON w.id = deputy_id
    """,
    """
    INSERT INTO cases_need (recorded_at, struck_because, description, urgency, state, case_id,
        legal_domain_id, recorded_by_id, settled_on, unmet_reason_id)
    SELECT c.opened_on, '', 'Bedarf', 'normal',
        CASE WHEN is_open THEN 'open' WHEN r.code IS NULL THEN 'met' ELSE 'unmet' END, c.id, d.code,
        c.lead_id, CASE WHEN is_open THEN NULL ELSE c.opened_on + 30 END, r.code
    FROM cases_case c CROSS JOIN generate_series(1, 2) k
    CROSS JOIN LATERAL (SELECT c.closed_on IS NULL AND k = 1 AS is_open) state
    JOIN (SELECT code, row_number() OVER (ORDER BY position) - 1 AS n FROM providers_legaldomain) d
        ON d.n = (c.id * 7 + k * 3) %% 25
    LEFT JOIN (SELECT code, row_number() OVER (ORDER BY position) - 1 AS n FROM cases_unmetreason) r
        ON (c.id + k) %% 8 = 0 AND r.n = c.id / 8 %% 12 AND NOT is_open
    """,
    """
    INSERT INTO cases_followup (recorded_at, subject, kind, due_on, state, ending_note,
        postponed_because, times_postponed, ends_pause, assignee_id, case_id, recorded_by_id)
    SELECT opened_on, 'Anrufen', 'task', next_due_on, 'open', '', '', 0, false, lead_id, id, lead_id
    FROM cases_case WHERE closed_on IS NULL
    """,
    """
    INSERT INTO cases_followup (recorded_at, subject, kind, due_on, state, ended_at, ended_by_id,
        ending_note, postponed_because, times_postponed, ends_pause, assignee_id, case_id,
        recorded_by_id)
    SELECT opened_on, 'Erledigtes', 'task', opened_on + 10 * k, 'done',
        opened_on + k * interval '10 days', lead_id, '', '', 0, false, lead_id, id, lead_id
    FROM cases_case CROSS JOIN generate_series(1, 2) k
    """,
    """
    INSERT INTO cases_contact (recorded_at, struck_because, happened_at, minutes, participants,
        note, note_class, case_id, recorded_by_id, setting_id)
    SELECT opened_on + k * interval '20 days', '', opened_on + k * interval '20 days', 30, '',
        'Gespräch über das Anliegen', 'case_note', id, lead_id, 'TELEFON'
    FROM cases_case CROSS JOIN generate_series(0, 4) k
    """,
    """
    INSERT INTO cases_consent (recorded_at, struck_because, kind, other_recipient, is_mutual,
        purpose, valid_from, form, oral_because, explained, case_id, recorded_by_id)
    SELECT opened_on, '', 'file', '', false, '', opened_on, 'written', '', true, id, lead_id
    FROM cases_case
    """,
    """
    INSERT INTO cases_caseevent (step, before, after, happened_at, recorded_at, subject_kind,
        details, actor_id, case_id)
    SELECT (ARRAY['open', 'give_consent', 'add_need', 'plan_follow_up', 'record_contact'])[k], '',
        '', opened_on + k * interval '1 hour', opened_on + k * interval '1 hour', '', '{}',
        lead_id, id
    FROM cases_case CROSS JOIN generate_series(1, 5) k
    """,
    # Every fortieth case was handed over once; every hundredth active one is being offered.
    """
    INSERT INTO cases_handover (recorded_at, situation, agreements, risks, not_worked,
        answer_due_on, by_coordination, state, answered_at, answered_by_id, answered_because,
        case_id, from_staff_id, recorded_by_id, to_staff_id, reason_id)
    SELECT opened_on, 'Lage', '', '', '', opened_on + 7, false, 'accepted', opened_on, lead_id, '',
        c.id, w.id, w.id, lead_id, (SELECT min(code) FROM cases_handoverreason)
    FROM cases_case c JOIN worker w ON w.n = c.id %% %(caseworkers)s WHERE c.id %% 40 = 7
    """,
    """
    INSERT INTO cases_handover (recorded_at, situation, agreements, risks, not_worked,
        answer_due_on, by_coordination, state, answered_because, case_id, from_staff_id,
        recorded_by_id, to_staff_id, to_center_id, reason_id)
    SELECT now() - interval '3 days', 'Lage', '', '', '', current_date + 4, false, 'offered', '',
        c.id, lead_id, lead_id, CASE WHEN c.id %% 200 >= 100 THEN w.id END,
        CASE WHEN c.id %% 200 < 100 THEN w.center END,
        (SELECT min(code) FROM cases_handoverreason)
    FROM cases_case c JOIN worker w ON w.n = (c.id / 7) %% %(caseworkers)s
    WHERE closed_on IS NULL AND c.id %% 50 = 0 AND w.id <> lead_id
    """,
]


def names() -> list[tuple[int, str, str, str, str]]:
    """Return every pair of a given and a family name with what is stored for finding it."""
    from cases.models import Person

    rows = []
    for n, (given, family) in enumerate(product(GIVEN, FAMILY)):
        person = Person(given_name=given, family_name=family)
        stored = [
            Person._meta.get_field(column).pre_save(person, add=True)
            for column in ("name_key", "name_codes")
        ]
        rows.append((n, given, family, *stored))
    return rows


def fill(cases: int) -> None:
    """Write everything in one transaction, then let PostgreSQL count what it has."""
    from django.db import connection, transaction

    pairs = names()
    sizes = {
        "cases": cases,
        "centers": CENTERS,
        "caseworkers": CASEWORKERS,
        "names": len(pairs),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE name (n int, given text, family text, key text, codes text)"
        )
        cursor.executemany("INSERT INTO name VALUES (%s, %s, %s, %s, %s)", pairs)
        for statement in [*STAFF, "ANALYZE name", *CASES]:
            began = time.monotonic()
            cursor.execute(statement, sizes if "%" in statement else None)
            sys.stdout.write(f"{time.monotonic() - began:6.1f} s  {statement.split('(')[0]}\n")
            sys.stdout.flush()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kim_portal.settings")
    django.setup()
    fill(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)
