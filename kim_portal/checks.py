"""System checks of a running installation."""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections


@register("demo")
def demo_accounts_stay_in_the_demo(app_configs, databases=None, **kwargs) -> list[CheckMessage]:
    """Fail while accounts with a published password exist outside the demo.

    Registered without the database tag: that would leave it out of a plain `manage.py check`,
    which is what an installation runs. Where there is no database yet there are no accounts.
    """
    if settings.KIM_DEMO or not _demo_accounts_exist():
        return []
    return [
        Error(
            "There are demo accounts in the database, but KIM_DEMO is off.",
            hint=(
                "Their password is published. Point DATABASE_URL to a database without the demo"
                " world, or set KIM_DEMO=1 if this installation is a demo."
            ),
            id="kim.E001",
        )
    ]


def _demo_accounts_exist() -> bool:
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "sqlite" and not _file_exists(connection.settings_dict["NAME"]):
        return False  # asking would create the file
    staff = apps.get_model("providers", "StaffMember")
    try:
        # Asked first, because a failing query would end a surrounding transaction.
        if staff._meta.db_table not in connection.introspection.table_names():
            return False
        return staff.objects.using(DEFAULT_DB_ALIAS).filter(is_demo=True).exists()
    except DatabaseError:  # no server, or a table from before the column
        return False


def _file_exists(name: str | Path) -> bool:
    in_memory = str(name) == ":memory:" or "mode=memory" in str(name)
    return in_memory or Path(name).exists()
