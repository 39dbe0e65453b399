"""Correcting personal data, with the history of who changed what."""

from copy import copy
from functools import partial

from django.contrib import messages
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.access import Step
from cases.forms.people import CorrectPersonForm
from cases.models import Person
from cases.views.step import file_or_403, step_page, typed
from cases.workflow import people


@require_http_methods(["GET", "HEAD", "POST"])
def correct_person(request, reference):
    """Correct what is recorded of a person; what others saved meanwhile is never lost unseen."""
    case = file_or_403(request, reference)
    stored = case.person
    versions = people.versions_of(stored)
    form = CorrectPersonForm(
        typed(request),
        instance=copy(stored),
        version=versions[0].pk,
    )

    def act(version, languages, **_data):
        try:
            people.correct_person(
                case, by=request.user, version=version, person=form.instance, languages=languages
            )
        except people.ChangedMeanwhile:
            _carry(form, stored.pk, version)
            versions[:] = people.versions_of(stored)
            raise
        if form.instance.neighbourhood_id != stored.neighbourhood_id:
            _propose_handover(request, case)
        return case

    return step_page(
        request,
        case,
        Step.CORRECT_PERSON,
        form=form,
        act=act,
        success=_("The personal data are saved."),
        template="cases/correct_person.html",
        changes=partial(people.changes_between, versions, form.names()),
    )


def _carry(form, pk, version) -> None:
    """Bring the form up to what is stored now, without losing what was typed into it."""
    person = Person.objects.get(pk=pk)
    if (then := people.as_of(person, version)) is None:
        return
    before, languages = then
    form.carry(
        now=CorrectPersonForm(instance=person, version=people.version_of(person)),
        before=CorrectPersonForm(
            instance=before, version=version, initial={"languages": languages}
        ),
    )


def _propose_handover(request, case) -> None:
    center = people.center_elsewhere(case)
    if center is None:
        return
    sentence = format_html(
        '{} <a href="{}">{}</a>',
        _("%(center)s serves where the person lives now.") % {"center": center},
        reverse("cases:hand_over", args=[case.reference]),
        _("Hand over the case"),
    )
    messages.info(request, sentence)
