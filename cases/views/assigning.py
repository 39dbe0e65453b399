"""The coordination's page: cases without an able lead, and offers that nobody answers."""

from dataclasses import dataclass
from itertools import groupby

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from cases.access import Step
from cases.forms.assigning import (
    EVERYTHING,
    AssignGroupForm,
    AssignLeadForm,
    jobs_of,
    with_load,
)
from cases.models import AnnouncedLeaving, Case, Handover
from cases.views.step import file_or_403, step_page, typed
from cases.workflow import assigning
from kim_portal.errors import NotYours, Refusal
from kim_portal.pagination import count_up_to, page_of
from providers.models import Provider, StaffMember
from providers.roles import Permission

OVERDUE_SHOWN = 50


@dataclass
class Group:
    """The cases on one page that one lead held for one provider, and who could take them."""

    lead: StaffMember
    provider: Provider
    leaving: AnnouncedLeaving | None
    names_somebody: bool
    form: AssignGroupForm
    named: dict[int, Handover]

    @property
    def key(self) -> str:
        return f"{self.lead.pk}-{self.provider.pk}"

    @property
    def everything(self):
        return self.form[EVERYTHING]

    @property
    def rows(self) -> list[tuple]:
        """Give each case with its field, and whom the coordination has named already."""
        return [
            (case, self.form[reference], self.named.get(case.pk))
            for reference, case in self.form.cases.items()
        ]


@require_http_methods(["GET", "HEAD", "POST"])
def without_lead(request):
    """List the cases to assign by their lead; assign one, several, or all of one lead's."""
    if not request.user.may(Permission.ASSIGN_LEADS):
        raise NotYours
    cases = assigning.assignable(request.user).select_related("center", "provider", "lead")
    page = page_of(request, cases, order=("lead_id", "provider_id"), size=50)
    groups = _groups(request, page.rows)
    for group in groups:
        if group.form.is_bound and group.form.is_valid():
            return _assign(request, group.form)
    overdue = (
        Handover.objects.overdue()
        .filter(case__in=Case.objects.registered_to(request.user).active())
        .select_related("case__center", "from_staff", "to_staff", "to_center")
        .order_by("answer_due_on", "pk")[:OVERDUE_SHOWN]
    )
    context = {
        "page": page,
        "count": count_up_to(cases),
        "groups": groups,
        "overdue": overdue,
    }
    return render(request, "cases/without_lead.html", context)


def _groups(request, cases: list[Case]) -> list[Group]:
    """Put the cases of a page together by lead and provider; people are loaded once for each."""
    leaving = {
        row.staff_member_id: row
        for row in AnnouncedLeaving.objects.filter(
            staff_member__in={case.lead_id for case in cases}
        )
    }
    offers = Handover.objects.filter(case__in=[case.pk for case in cases], by_coordination=True)
    named = {offer.case_id: offer for offer in offers.waiting().select_related("to_staff")}
    able, everybody = _people(cases)
    groups = []
    for (lead_id, provider_id), rows in groupby(
        cases, lambda case: (case.lead_id, case.provider_id)
    ):
        rows = list(rows)
        people = [one for one in able.get(provider_id, []) if one.pk != lead_id]
        names_somebody = not people
        if names_somebody:
            people = [one for one in everybody if one.pk != lead_id]
        is_sent = request.POST.get("group") == f"{lead_id}-{provider_id}"
        form = AssignGroupForm(
            request.POST if is_sent else None,
            prefix=f"g{lead_id}-{provider_id}",
            cases=rows,
            people=people,
            names_somebody=names_somebody,
        )
        case = rows[0]
        groups.append(
            Group(case.lead, case.provider, leaving.get(lead_id), names_somebody, form, named)
        )
    return groups


def _people(cases: list[Case]) -> tuple[dict[int, list[StaffMember]], list[StaffMember]]:
    """Load everybody who could lead: those of each provider, and all."""
    if not cases:
        return {}, []
    everybody = list(with_load(assigning.caseworkers_who_stay()))
    by_provider: dict[int, list[StaffMember]] = {}
    for person in everybody:
        for employer in {job.employer_id for job in jobs_of(person)}:
            by_provider.setdefault(employer, []).append(person)
    return by_provider, everybody


def _assign(request, form: AssignGroupForm):
    """Assign what was chosen, each case by itself; say what could not be assigned and why.

    Somebody of another provider is only named (`assigning.assign`), and the page says so.
    """
    assigned, named = 0, 0
    for reference, person in form.chosen():
        case = form.cases[reference]
        try:
            made = assigning.assign(case, by=request.user, to=person)
        except Refusal as refusal:
            sentence = _("%(reference)s: %(sentence)s")
            messages.warning(
                request, sentence % {"reference": reference, "sentence": refusal.sentence}
            )
        else:
            assigned += isinstance(made, Case)
            named += isinstance(made, Handover)
    if assigned:
        sentence = ngettext("%(count)d case assigned.", "%(count)d cases assigned.", assigned)
        messages.success(request, sentence % {"count": assigned})
    if named:
        sentence = ngettext(
            "Somebody is named for %(count)d case now. They see the reference and the phone "
            "number, and ask for consent.",
            "Somebody is named for %(count)d cases now. They see the references and the phone "
            "numbers, and ask for consent.",
            named,
        )
        messages.success(request, sentence % {"count": named})
    return redirect("cases:without_lead")


@require_http_methods(["GET", "HEAD", "POST"])
def assign_lead(request, reference):
    """Assign one case, or name somebody where its provider has nobody."""
    if not request.user.may(Permission.ASSIGN_LEADS):
        file_or_403(request, reference)
        raise NotYours
    registered = Case.objects.registered_to(request.user).filter(reference=reference)
    case = registered.select_related("center", "provider", "lead").first()
    if case is None:
        raise Http404
    form = AssignLeadForm(typed(request), case=case)
    intro = _("The case and its open follow-ups go to this person at once.")
    if form.names_somebody:
        intro = _(
            "Nobody else works as a caseworker for this provider. You can name somebody of another "
            "one: they see the reference and the phone number, ask for consent, and then decide."
        )
    return step_page(
        request,
        case,
        Step.ASSIGN_LEAD,
        form=form,
        act=lambda to: _then_the_list(assigning.assign(case, by=request.user, to=to)),
        success=_("The person has been named.")
        if form.names_somebody
        else _("The case has its new lead."),
        template="cases/handover_step.html",
        intro=intro,
        back_url=reverse("cases:without_lead"),
        back_label=_("Back to the list"),
    )


def _then_the_list(made: Case | Handover) -> str:
    return reverse("cases:without_lead")
