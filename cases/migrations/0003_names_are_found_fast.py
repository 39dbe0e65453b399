"""Let PostgreSQL find parts of names among a million persons without reading them all.

SQLite, for one center's demo, reads the reader's own cases instead.
"""

from django.db import migrations

ADD = "CREATE INDEX persons_by_name_key ON cases_person USING gin (name_key gin_trgm_ops)"
DROP = "DROP INDEX IF EXISTS persons_by_name_key"


def add_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        # A trusted extension: the owner of the database may create it.
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(ADD)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_relations")]

    operations = [migrations.RunPython(add_index, drop_index)]
