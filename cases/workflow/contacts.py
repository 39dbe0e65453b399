"""Contacts: noted, and corrected by a new note beside the old one."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import Step
from cases.models import Case, Contact, ContactSetting, InterpretingMode
from cases.workflow.corrections import may_correct, put_a_line_through
from cases.workflow.follow_ups import create
from cases.workflow.records import read_again
from cases.workflow.steps import Taking, taking
from kim_portal.errors import NotYours, Refusal
from providers.models import LegalDomain, StaffMember

# Clocks differ a little; a contact later than this lies in the future.
CLOCKS_DIFFER = timedelta(minutes=5)


def record_contact(
    case: Case,
    *,
    by: StaffMember,
    happened_at: datetime,
    setting: ContactSetting,
    note: str,
    minutes: int = 15,
    participants: str = "",
    interpreting: InterpretingMode | None = None,
    legal_domains: Iterable[LegalDomain] = (),
    note_class: str = Contact.NoteClass.CASE_NOTE,
    follow_up_subject: str = "",
    follow_up_on: date | None = None,
) -> Contact:
    """Note what was said and done, also on a closed case; plan the next follow-up, if named."""
    with taking(Step.RECORD_CONTACT, case, by=by) as taken:
        contact = _write(
            taken,
            happened_at=happened_at,
            setting=setting,
            note=note,
            minutes=minutes,
            participants=participants,
            interpreting=interpreting,
            legal_domains=legal_domains,
            note_class=note_class,
        )
        if follow_up_subject and follow_up_on is not None:
            if not case.is_active:
                raise Refusal(_("The case is closed. It takes no new follow-ups."))
            create(case, by=by, subject=follow_up_subject, due_on=follow_up_on)
        taken.record(
            contact,
            happened_at=happened_at,
            setting=setting.pk,
            minutes=minutes,
            note_class=note_class,
            follow_up_on=follow_up_on,
        )
    return contact


def correct_contact(
    contact: Contact,
    *,
    by: StaffMember,
    happened_at: datetime,
    setting: ContactSetting,
    note: str,
    minutes: int,
    participants: str = "",
    interpreting: InterpretingMode | None = None,
    legal_domains: Iterable[LegalDomain] = (),
    note_class: str = Contact.NoteClass.CASE_NOTE,
) -> Contact:
    """Write the contact anew; what was noted first stays readable, struck through."""
    with taking(Step.RECORD_CONTACT, contact.case, by=by) as taken:
        read_again(contact)
        if not may_correct(contact, by):
            raise NotYours
        if contact.struck_at is not None:
            raise Refusal(_("This contact has been corrected or struck through meanwhile."))
        corrected = _write(
            taken,
            happened_at=happened_at,
            setting=setting,
            note=note,
            minutes=minutes,
            participants=participants,
            interpreting=interpreting,
            legal_domains=legal_domains,
            note_class=note_class,
            corrects=contact,
        )
        put_a_line_through(contact, by=by, because=_("Corrected"))
        taken.record(
            corrected,
            happened_at=happened_at,
            setting=setting.pk,
            minutes=minutes,
            note_class=note_class,
            corrects=contact.pk,
        )
    return corrected


def _write(
    taken: Taking,
    *,
    happened_at: datetime,
    legal_domains: Iterable[LegalDomain],
    **fields: object,
) -> Contact:
    if happened_at > timezone.now() + CLOCKS_DIFFER:
        raise Refusal(_("A contact cannot lie in the future."))
    contact = Contact.objects.create(
        case=taken.case, recorded_by=taken.by, happened_at=happened_at, **fields
    )
    contact.legal_domains.set(legal_domains)
    return contact
