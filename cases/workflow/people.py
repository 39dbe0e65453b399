"""Correcting personal data: with history, and never over somebody else's correction unseen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db import models, transaction
from django.db.models import Max
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from cases.access import Step
from cases.models import Case, Person
from cases.models.fields import ComputedFromNames
from cases.workflow.steps import Taking, finish, taking
from centers.models import Center
from kim_portal.errors import Refusal
from providers.models import Language, StaffMember

MOST_SHOWN = 20
# The languages of a version, as django-simple-history names them.
SPOKEN = "historicalperson_languages_set"


class ChangedMeanwhile(Refusal):
    """Say that somebody else saved while the form was being filled in."""


def version_of(person: Person) -> int:
    """Return what a form carries to say which state of the person it was shown."""
    return person.history.aggregate(latest=Max("pk"))["latest"]


def as_of(person: Person, version: int) -> tuple[Person, list[str]] | None:
    """Return the person and the languages as they were in one version."""
    record = person.history.filter(pk=version).first()
    if record is None:
        return None
    return record.instance, [row.language_id for row in getattr(record, SPOKEN).all()]


def correct_person(
    case: Case, *, by: StaffMember, version: int, person: Person, languages: Iterable[Language]
) -> Person:
    """Store the corrected `person` of `case`; every case of theirs gets the new name.

    Raises ChangedMeanwhile if the stored person is no longer the one of `version`.
    """
    languages = list(languages)
    with transaction.atomic():
        # Before `taking` locks its own: several cases are always locked in the order of their keys.
        of_the_person = Case.objects.select_for_update().filter(person=person.pk)
        cases = {one.pk: one for one in of_the_person.order_by("pk")}
        with taking(Step.CORRECT_PERSON, case, by=by) as taken:
            stored = Person.objects.select_for_update().get(pk=person.pk)
            _refuse_if_changed(stored, since=version)
            changed = _changed_fields(stored, person, languages)
            if changed:
                # History takes the languages as they are when the person is saved.
                person.languages.set(languages)
                person.save()
            taken.record(person, fields=changed)
            case.person = person
        for other in cases.values():
            if other.pk != case.pk:
                other.person = person
                told = Taking(other, Step.CORRECT_PERSON, by)
                told.record(person, fields=changed)
                finish(told)
    return person


def center_elsewhere(case: Case) -> Center | None:
    """Return the center that serves where the person lives now, if it is not the case's own."""
    neighbourhood = case.person.neighbourhood
    if neighbourhood is None or neighbourhood.center_id == case.center_id:
        return None
    return neighbourhood.center if neighbourhood.center.is_active else None


def _changed_fields(stored: Person, typed: Person, languages: Iterable[Language]) -> list[str]:
    changed = [
        field.name
        for field in _shown_fields()
        if getattr(stored, field.attname) != getattr(typed, field.attname)
    ]
    if set(stored.languages.values_list("pk", flat=True)) != {one.pk for one in languages}:
        changed.append("languages")
    return changed


def _refuse_if_changed(stored: Person, *, since: int) -> None:
    latest = version_of(stored)
    if latest == since:
        return
    later = stored.history.filter(pk__gt=since).select_related("history_user").order_by("pk")
    known = {change.pk for change in later}
    changes = [change for change in changes_between(versions_of(stored)) if change.version in known]
    labels = [line.label for change in changes for line in change.lines]
    raise ChangedMeanwhile(
        _(
            "%(person)s has changed these data meanwhile: %(fields)s. What you changed is still "
            "here, the rest is up to date. Compare it with the history below and save again."
        )
        % {
            "person": later.last().history_user or _("Somebody"),
            "fields": get_text_list(list(dict.fromkeys(labels)), _("and")) or "–",
        }
    )


# --- History ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One field that was changed, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """What one person changed at one moment."""

    version: int
    at: datetime
    by: StaffMember | None
    lines: tuple[Line, ...]


# The names of what a version points to: field name, then key.
Names = Mapping[str, Mapping[str, str]]


def versions_of(person: Person) -> list[models.Model]:
    """Return the latest versions, newest first, in two queries."""
    rows = person.history.select_related("history_user").prefetch_related(SPOKEN)
    return list(rows.order_by("-pk")[: MOST_SHOWN + 1])


def changes_between(versions: list[models.Model], names: Names | None = None) -> list[Change]:
    """Return the corrections that led from each version to the next, newest first.

    `names` says in words what the fields point to: the value lists of the form beside it.
    """
    words = _Words(names or {})
    changes = [
        Change(
            version=after.pk,
            at=after.history_date,
            by=after.history_user,
            lines=tuple(words.difference(before, after)),
        )
        for after, before in pairwise(versions)
    ]
    return [change for change in changes if change.lines]


def _shown_fields() -> list[models.Field]:
    return [
        field
        for field in Person._meta.concrete_fields
        if not field.primary_key and not isinstance(field, ComputedFromNames)
    ]


class _Words:
    """Says the values of versions in words."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def difference(self, before: models.Model, after: models.Model) -> list[Line]:
        lines = [
            Line(str(field.verbose_name), self._word(field, before), self._word(field, after))
            for field in _shown_fields()
            if getattr(before, field.attname) != getattr(after, field.attname)
        ]
        spoken = self._spoken(before), self._spoken(after)
        if spoken[0] != spoken[1]:
            lines.append(Line(str(Person._meta.get_field("languages").verbose_name), *spoken))
        return lines

    def _word(self, field: models.Field, version: models.Model) -> str:
        value = getattr(version, field.attname)
        if value in (None, ""):
            return ""
        if field.is_relation:
            return str(self._names.get(field.name, {}).get(value, value))
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(field, models.BooleanField):
            return _("yes") if value else _("no")
        if isinstance(field, models.DateField):
            return f"{value:%d.%m.%Y}"
        return str(value)

    def _spoken(self, version: models.Model) -> str:
        names = self._names.get("languages", {})
        codes = [row.language_id for row in getattr(version, SPOKEN).all()]
        return ", ".join(sorted(str(names.get(code, code)) for code in codes))
