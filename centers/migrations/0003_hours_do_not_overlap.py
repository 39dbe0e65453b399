"""Let PostgreSQL refuse overlapping hours of one kind, whoever writes them.

SQLite has no such constraint; there `check_cases` reports what slipped past `set_hours`.
"""

from django.db import migrations

# Both days of a validity count, at the closing time it is closed; no end is for ever.
ADD = """
    ALTER TABLE centers_consultationhours
    ADD CONSTRAINT hours_of_a_kind_do_not_overlap EXCLUDE USING gist (
        center_id WITH =,
        kind WITH =,
        weekday WITH =,
        tsrange(DATE '2000-01-01' + opens, DATE '2000-01-01' + closes, '[)') WITH &&,
        daterange(valid_from, valid_until, '[]') WITH &&
    )
"""
DROP = """
    ALTER TABLE centers_consultationhours
    DROP CONSTRAINT IF EXISTS hours_of_a_kind_do_not_overlap
"""


def add_constraint(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        # A trusted extension: the owner of the database may create it.
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        schema_editor.execute(ADD)


def drop_constraint(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)


class Migration(migrations.Migration):
    dependencies = [("centers", "0002_relations")]

    operations = [migrations.RunPython(add_constraint, drop_constraint)]
