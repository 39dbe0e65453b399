"""The page of one case: the whole file, or as much of it as the reader may know."""

from django.db.models import Exists, OuterRef
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cases.access import Level
from cases.models import Case, CaseAccess, ContactSetting, Need
from cases.views.case_file import file_of
from cases.views.notices import notices_of
from cases.views.step import file_or_403, known_case_or_404
from cases.views.timeline import Names, entries_of, events_page
from cases.workflow.steps import steps_open_to
from providers.models import LegalDomain

RECENT = "recent_cases"
MOST_RECENT = 8
ENTRIES_A_PAGE = 25


@require_safe
def detail(request, reference):
    """Answer by level: the file; the register card, with a link to an offered sheet; or 404."""
    all_contacts = request.GET.get("contacts") == "all"
    file = file_of(request, reference, all_contacts=all_contacts)
    if file is None:
        return _register_card(request, reference)
    _remember(request, file.case)
    page = {"file": file, "case": file.case, "steps": file.steps, "notices": notices_of(file)}
    return render(request, "cases/detail.html", page)


@require_safe
@vary_on_headers("HX-Request")
def timeline(request, reference):
    """Show more of what happened; htmx is given the next lines alone."""
    case = file_or_403(request, reference)
    page = events_page(request, case, size=ENTRIES_A_PAGE)
    names = Names.of(
        CaseAccess.objects.filter(case=case).select_related("staff_member"),
        _legal_domains(case),
        ContactSetting.objects.all(),
    )
    template = "cases/_timeline_entries.html" if request.htmx else "cases/timeline.html"
    entries = entries_of(page, names)
    return render(request, template, {"case": case, "page": page, "entries": entries})


def _register_card(request, reference):
    """Show that the case exists, where, and whom to call; nothing that tells whose it is."""
    case = known_case_or_404(request, reference)
    page = {
        "case": case,
        "legal_domains": _legal_domains(case),
        "may_read_sheet": case.level == Level.SHEET,
        "steps": steps_open_to(request.user, case),
        "lead_is_able": not Case.objects.without_able_lead().filter(pk=case.pk).exists(),
    }
    return render(request, "cases/register_card.html", page)


def _legal_domains(case: Case):
    """Return the legal domains that the case touches: the register shows them too."""
    needs = Need.objects.standing().filter(case=case, legal_domain=OuterRef("pk"))
    return LegalDomain.objects.filter(Exists(needs))


def _remember(request, case: Case) -> None:
    """Keep the references last looked at; a second look at the same one writes nothing."""
    recent = request.session.get(RECENT, [])
    if recent[:1] != [case.reference]:
        others = [reference for reference in recent if reference != case.reference]
        request.session[RECENT] = [case.reference, *others][:MOST_RECENT]
