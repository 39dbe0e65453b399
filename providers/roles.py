"""The one table of permissions: which role may do what.

Views, doors and the admin ask this table and nothing else; there are no superusers and no groups.
"""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    CASEWORKER = "caseworker", _("Case management")
    COORDINATOR = "coordinator", _("Coordination")
    ADMINISTRATOR = "administrator", _("Administration")


class Permission(StrEnum):
    READ_FILES = "read_files"
    OPEN_CASES = "open_cases"
    TAKE_CASES = "take_cases"
    READ_REGISTER = "read_register"
    ASSIGN_LEADS = "assign_leads"
    READ_STATISTICS = "read_statistics"
    READ_DIRECTORY = "read_directory"
    ADMINISTER = "administer"


GRANTS: dict[Role, frozenset[Permission]] = {
    Role.CASEWORKER: frozenset(
        {
            Permission.READ_FILES,
            Permission.OPEN_CASES,
            Permission.TAKE_CASES,
            Permission.READ_REGISTER,
            Permission.READ_DIRECTORY,
        }
    ),
    Role.COORDINATOR: frozenset(
        {
            Permission.READ_REGISTER,
            Permission.ASSIGN_LEADS,
            Permission.READ_STATISTICS,
            Permission.READ_DIRECTORY,
        }
    ),
    Role.ADMINISTRATOR: frozenset({Permission.ADMINISTER, Permission.READ_DIRECTORY}),
}


def grants(role: str, permission: Permission) -> bool:
    """Say whether `role` holds `permission`."""
    return permission in GRANTS[Role(role)]


def roles_granting(permission: Permission) -> frozenset[Role]:
    """Return the roles that hold `permission`, ready for a role__in lookup."""
    return frozenset(role for role, permissions in GRANTS.items() if permission in permissions)
