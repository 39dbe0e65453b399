"""The rows behind who and what: providers, staff, assignments, legal domains, services."""

from providers.models.assignment import Assignment
from providers.models.catalogues import Language, LegalDomain, LifeArea
from providers.models.provider import Position, Provider
from providers.models.service import Service
from providers.models.staff import StaffMember

__all__ = [
    "Assignment",
    "Language",
    "LegalDomain",
    "LifeArea",
    "Position",
    "Provider",
    "Service",
    "StaffMember",
]
