"""Einschätzung: how a person fares in each life area, filled in, kept, and shown over time."""

from collections.abc import Iterable
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.access import Step
from cases.forms.assessments import AssessmentForm, DiscardForm
from cases.models import Assessment, Case, HouseholdMember, Person, Phase, Rating
from cases.views.courses import courses_of
from cases.views.file_head import FileHead, head_or_403
from cases.views.step import file_or_403, record_or_404, step_page, typed
from cases.workflow import assessments as workflow
from cases.workflow.steps import check
from kim_portal.errors import Refusal
from providers.models import LifeArea


@require_safe
def assessments(request, reference):
    """Show the latest values, how they have changed, and resources beside problems."""
    file = head_or_403(request, reference, "assessments")
    people = _people(file.case, request, file.person)
    person = _chosen(people, request.GET.get("of"))
    everything = _loaded(file)
    of_person = [one for one in everything if one.concerns_id == person.pk]
    shown = _standing(of_person)
    latest = shown[-1] if shown else None
    page = {
        "file": file,
        "people": people if len(people) > 1 else [],
        "person": person,
        "assess_url": _address(file.case, person),
        "drafts": [] if file.is_past else [one for one in everything if one.is_draft],
        "shown": shown,
        "latest": latest,
        "courses": courses_of(shown),
        "resources": _resources(latest),
        "proposal": "" if file.is_past else _proposal(file.case, shown),
        "corrected": [one for one in of_person if not one.is_draft and one not in shown],
    }
    return render(request, "cases/assessments.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def assess(request, reference):
    """Fill in an assessment, or go on with the one that was begun."""
    case = file_or_403(request, reference)
    form = _form(request, case)
    return step_page(
        request,
        case,
        Step.ASSESS,
        form=form,
        act=lambda **data: _place(
            workflow.assess(
                case,
                by=request.user,
                entries=form.entries(),
                key=form.cleaned_data["once_key"],
                seen=data["seen"],
                follow_up_on=data["follow_up_on"],
            )
        ),
        success=_("The assessment has been finished."),
        template="cases/assess.html",
        person=form.person,
        draft=form.draft,
    )


@require_POST
def keep_assessment(request, reference):
    """Keep what has been filled in so far; htmx is told so in place."""
    case = file_or_403(request, reference)
    form = _form(request, case, may_have_gaps=True)
    refusal, status = None, 200
    try:
        check(Step.ASSESS, by=request.user, on=case)
        if form.is_valid():
            workflow.keep_assessment(
                case,
                by=request.user,
                entries=form.entries(),
                key=form.cleaned_data["once_key"],
                seen=form.cleaned_data["seen"],
            )
            if not request.htmx:
                messages.success(request, _("Kept. You can go on with it at any time."))
                return redirect(_address(case, form.person))
    except Refusal as error:
        refusal, status = error, 409
    context = {
        "case": case,
        "step": Step.ASSESS,
        "form": form,
        "refusal": refusal,
        "kept_at": timezone.now(),
        "person": form.person,
        "draft": form.draft,
    }
    template = "cases/_assessment_kept.html" if request.htmx else "cases/assess.html"
    return render(request, template, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def discard_assessment(request, reference, pk):
    """Throw a draft away."""
    case = file_or_403(request, reference)
    draft = record_or_404(Assessment.objects.drafts().select_related("concerns"), request, case, pk)
    back = reverse("cases:assessments", args=[case.reference])

    def discard() -> str:
        workflow.discard_assessment(draft, by=request.user)
        return back

    return step_page(
        request,
        case,
        Step.ASSESS,
        form=DiscardForm(typed(request)),
        act=discard,
        success=_("The draft has been discarded."),
        title=_("Discard the draft"),
        intro=_("What has been filled in so far is lost. Finished assessments stay."),
    )


def _form(request: HttpRequest, case: Case, *, may_have_gaps: bool = False) -> AssessmentForm:
    """Return the form for the person who is meant, with the draft or what is to be corrected."""
    people = _people(case, request, case.person)
    data = typed(request)
    person = _meant(people, data) or _chosen(people, request.GET.get("of"))
    theirs = (
        Assessment.objects.visible_to(request.user)
        .filter(case=case, concerns=person)
        .select_related("corrects")
        .prefetch_related("ratings")
    )
    draft = theirs.drafts().first()
    corrects = _to_correct(theirs, (data or {}).get("corrects") or request.GET.get("corrects"))
    form = AssessmentForm(
        data,
        case=case,
        person=person,
        people=people,
        areas=LifeArea.objects.active(),
        draft=draft,
        corrects=corrects,
        may_have_gaps=may_have_gaps,
    )
    form.draft = draft
    return form


def _to_correct(assessments, pk: str | None) -> Assessment | None:
    if not (pk or "").isdecimal():
        return None
    return assessments.filter(pk=pk, state=Assessment.State.FINISHED).first()


def _people(case: Case, request: HttpRequest, person: Person) -> list[Person]:
    """Return whom an assessment of this case can be about, the person of the case first."""
    members = HouseholdMember.objects.visible_to(request.user).standing().filter(case=case)
    members = members.select_related("person").order_by("pk")
    return list({one.pk: one for one in (person, *(member.person for member in members))}.values())


def _meant(people: list[Person], data: QueryDict | None) -> Person | None:
    """Return whom a form that was sent is about; the form itself refuses anybody else."""
    pk = (data or {}).get("concerns")
    return next((person for person in people if str(person.pk) == pk), None)


def _chosen(people: Iterable[Person], pk: str | None) -> Person:
    people = list(people)
    if not pk:
        return people[0]
    chosen = next((person for person in people if str(person.pk) == pk), None)
    if chosen is None:
        raise Http404
    return chosen


def _loaded(file: FileHead) -> list[Assessment]:
    """Load all assessments of the file with their ratings in two queries, the earliest first."""
    rows = Assessment.objects.visible_to(file.reader).filter(case=file.case)
    if file.is_past:
        rows = rows.filter(state=Assessment.State.FINISHED)
    rows = rows.select_related("recorded_by", "concerns").order_by("assessed_on", "pk")
    loaded = {row.pk: row for row in rows}
    for row in loaded.values():
        row.loaded_ratings = []
    ratings = Rating.objects.filter(assessment__in=loaded).select_related("life_area")
    for rating in ratings.order_by("life_area__position", "life_area"):
        loaded[rating.assessment_id].loaded_ratings.append(rating)
    return list(loaded.values())


def _standing(assessments: list[Assessment]) -> list[Assessment]:
    """Keep the finished ones that none of the others corrects."""
    finished = [one for one in assessments if not one.is_draft]
    corrected = {one.corrects_id for one in finished}
    return [one for one in finished if one.pk not in corrected]


def _resources(latest: Assessment | None) -> list[tuple[str, list[str]]]:
    """Return the four lists of resources, each by its name, as far as something is in them."""
    if latest is None:
        return []
    lists = []
    for name in Assessment.RESOURCES:
        label = Assessment._meta.get_field(name).verbose_name
        lines = [line.strip() for line in getattr(latest, name).splitlines() if line.strip()]
        if lines:
            lists.append((label, lines))
    return lists


def _proposal(case: Case, shown: list[Assessment]) -> str:
    """Say which assessment would be due; nothing is forced."""
    if not case.is_active or not shown:
        return ""
    latest = shown[-1]
    is_end = latest.occasion == Assessment.Occasion.END
    if case.phase == Phase.EVALUATION and not is_end:
        return _("The case is being evaluated: an assessment at the end shows what has changed.")
    if not is_end and workflow.review_from(latest.assessed_on) <= timezone.localdate() + timedelta(
        days=1
    ):
        return _("The last assessment is more than six months old.")
    return ""


def _place(assessment: Assessment) -> str:
    return _address(assessment.case, assessment.concerns, page="assessments")


def _address(case: Case, person: Person, *, page: str = "assess") -> str:
    query = {"of": person.pk} if person.pk != case.person_id else None
    return reverse(f"cases:{page}", args=[case.reference], query=query)
