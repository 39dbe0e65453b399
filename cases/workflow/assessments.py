"""Assessments: a draft is kept while it is filled in, and becomes a record when it is finished.

Keeping and discarding a draft writes no event: nothing has been said of the person yet. A finished
assessment is never changed. A correction is another one, with its reason, and takes its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.access import Step
from cases.models import Assessment, Case, FollowUp, Person, Phase, Rating
from cases.workflow.follow_ups import create, end
from cases.workflow.once import has_arrived
from cases.workflow.records import read_again
from cases.workflow.steps import check, lock, taking
from kim_portal.errors import Refusal
from providers.models import LifeArea, StaffMember

# After so many months an assessment in between is proposed, never demanded.
MONTHS_TO_REVIEW = 6

# What is said of one area, by its code: value, problem, resource.
Ratings = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Entries:
    """What a form holds of one assessment, complete or not."""

    concerns: Person
    occasion: str
    assessed_on: date
    ratings: Ratings
    resources: Mapping[str, str]
    hypothesis: str = ""
    is_confidential: bool = False
    corrects: Assessment | None = None
    corrected_because: str = ""


def keep_assessment(
    case: Case, *, by: StaffMember, entries: Entries, key: UUID, seen: UUID | None
) -> Assessment | None:
    """Keep what has been filled in so far; there is one draft for each person of the case.

    `key` names the form that keeps it, `seen` the one that had kept it when this form was opened:
    if another has kept it since, Refusal. Nothing where this form has been finished already.
    """
    with transaction.atomic():
        lock(case)
        check(Step.ASSESS, by=by, on=case)
        if has_arrived(key, by=by):
            return None
        return _keep(case, by=by, entries=entries, key=key, seen=seen)


def assess(
    case: Case,
    *,
    by: StaffMember,
    entries: Entries,
    key: UUID,
    seen: UUID | None,
    follow_up_on: date | None = None,
) -> Assessment:
    """Finish an assessment in which every life area has a value; “not asked” is one.

    `follow_up_on` plans the next one. The review that an earlier one had planned is done with it.
    """
    with taking(Step.ASSESS, case, by=by) as taken:
        assessment = _keep(case, by=by, entries=entries, key=key, seen=seen)
        _refuse_gaps(assessment)
        if entries.corrects is not None:
            _refuse_corrected(entries.corrects)
        assessment.state = Assessment.State.FINISHED
        assessment.finished_at = assessment.recorded_at = timezone.now()
        assessment.recorded_by = by
        if follow_up_on is not None:
            assessment.follow_up = create(
                case,
                by=by,
                subject=_("Assess again: how has it changed?"),
                due_on=follow_up_on,
                kind=FollowUp.Kind.REVIEW,
            )
        assessment.save()
        _end_earlier_reviews(assessment, by=by)
        taken.record(
            assessment,
            after=assessment.occasion,
            corrects=entries.corrects.pk if entries.corrects else None,
            follow_up_on=follow_up_on,
        )
    return assessment


def discard_assessment(assessment: Assessment, *, by: StaffMember) -> None:
    """Throw a draft away."""
    with transaction.atomic():
        lock(assessment.case)
        check(Step.ASSESS, by=by, on=assessment.case)
        read_again(assessment)
        if not assessment.is_draft:
            raise Refusal(_("This assessment has been finished meanwhile."))
        assessment.delete()


def usual_occasion(case: Case, person: Person) -> Assessment.Occasion:
    """Propose the occasion: the first is at the start, one in the evaluation at the end."""
    if case.phase == Phase.EVALUATION:
        return Assessment.Occasion.END
    if Assessment.objects.standing().filter(case=case, concerns=person).exists():
        return Assessment.Occasion.INTERIM
    return Assessment.Occasion.START


def review_from(day: date) -> date:
    """Return the day from which the next assessment is proposed."""
    return day + relativedelta(months=MONTHS_TO_REVIEW)


def _keep(
    case: Case, *, by: StaffMember, entries: Entries, key: UUID, seen: UUID | None
) -> Assessment:
    drafts = Assessment.objects.drafts().filter(case=case, concerns=entries.concerns)
    draft = drafts.select_for_update().first()
    _refuse_overtaken(draft, key, seen)
    _refuse_impossible_days(case, entries.assessed_on)
    if draft is None:
        draft = Assessment(case=case, concerns=entries.concerns, recorded_by=by)
    draft.case = case
    draft.kept_with = key
    draft.occasion, draft.assessed_on = entries.occasion, entries.assessed_on
    draft.hypothesis, draft.is_confidential = entries.hypothesis, entries.is_confidential
    draft.corrects, draft.corrected_because = entries.corrects, entries.corrected_because
    for name in Assessment.RESOURCES:
        setattr(draft, name, entries.resources.get(name, ""))
    draft.save()
    _keep_ratings(draft, entries.ratings)
    return draft


def _keep_ratings(draft: Assessment, ratings: Ratings) -> None:
    """Write what has changed, and nothing of an area of which nothing was ever said."""
    kept = {rating.life_area_id: rating for rating in draft.ratings.all()}
    for area, said in ratings.items():
        rating = kept.get(area) or Rating(assessment=draft, life_area_id=area)
        before = {name: getattr(rating, name) for name in said}
        if before != dict(said):
            for name, value in said.items():
                setattr(rating, name, value)
            rating.save()


def _refuse_overtaken(draft: Assessment | None, key: UUID, seen: UUID | None) -> None:
    if draft is None and seen is not None:
        raise Refusal(
            _("This assessment has been finished or discarded meanwhile by somebody else.")
        )
    if draft is not None and draft.kept_with not in (key, seen):
        raise Refusal(
            _(
                "Somebody else has gone on with this assessment meanwhile. Please load the page "
                "again; what you see here has not been kept."
            )
        )


def _refuse_impossible_days(case: Case, assessed_on: date) -> None:
    # A first conversation may lie before the file was opened, but not by much.
    if assessed_on > timezone.localdate():
        raise Refusal(_("An assessment cannot lie in the future."))
    if assessed_on < case.opened_on - timedelta(days=31):
        raise Refusal(_("An assessment cannot lie that long before the case was opened."))


def _refuse_gaps(assessment: Assessment) -> None:
    rated = assessment.ratings.exclude(value="").values("life_area")
    open_areas = LifeArea.objects.active().exclude(pk__in=rated)
    if names := [area.name for area in open_areas]:
        raise Refusal(
            _("Still without a value: %(areas)s. “Not asked” is a value, too.")
            % {"areas": "; ".join(names)}
        )


def _refuse_corrected(corrects: Assessment) -> None:
    if not Assessment.objects.standing().filter(pk=corrects.pk).exists():
        raise Refusal(_("This assessment has been corrected already."))


def _end_earlier_reviews(assessment: Assessment, *, by: StaffMember) -> None:
    """Finish the reviews this one has been waited for with, unless nothing else would be left."""
    case = assessment.case
    reviews = FollowUp.objects.filter(
        case=case, assessment__concerns=assessment.concerns_id
    ).exclude(assessment=assessment)
    for review in reviews.open():
        if FollowUp.objects.filter(case=case).open().exclude(pk=review.pk).exists():
            review.case = case
            end(review, FollowUp.State.DONE, by=by)
