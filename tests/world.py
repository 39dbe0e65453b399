"""One case with one of everything, all pages of the portal, and how each is reached."""

from datetime import timedelta

from django.urls import get_resolver, reverse
from django.utils import timezone

from cases.access import AccessReason
from cases.models import HandoverQuestion
from tests.cases.deadline_factories import DeadlineFactory, ExpiryFactory
from tests.cases.factories import (
    AccessFactory,
    CaseFactory,
    ConsentFactory,
    ContactFactory,
    DocumentFactory,
    DuplicateSuspicionFactory,
    FollowUpFactory,
    HandoverFactory,
    NeedFactory,
    ReferralFactory,
)
from tests.cases.plan_factories import AssessmentFactory, GoalFactory, MeasureFactory

# Sings on any page that shows what its reader may not know.
CANARY = "Kanarienvogel"


def routes():
    """Yield (name, names of the arguments) of every page but those of the admin."""
    yield from _routes(get_resolver(), "")


def _routes(resolver, prefix, before=()):
    for entry in resolver.url_patterns:
        arguments = (*before, *entry.pattern.regex.groupindex)
        if hasattr(entry, "url_patterns"):
            if entry.namespace != "admin":
                space = f"{entry.namespace}:" if entry.namespace else ""
                yield from _routes(entry, prefix + space, arguments)
        elif entry.name:
            yield prefix + entry.name, arguments


def make_world(amal, dora, felix, chen, zoe, grafschafter):
    """The case of the table, with one of everything; its secrets all sing."""
    case = CaseFactory(
        lead=amal,
        person__family_name=CANARY,
        person__given_name=CANARY,
        concern=CANARY,
        follow_up__subject=CANARY,
    )
    past = timezone.now() - timedelta(days=1)
    AccessFactory(case=case, staff_member=felix, reason=AccessReason.HANDOVER, starts_at=past)
    team = AccessFactory(case=case, staff_member=dora)
    consent = ConsentFactory(case=case, recipients=[grafschafter])
    need = NeedFactory(case=case, description=CANARY)
    referral = ReferralFactory(need=need, target=CANARY)
    contact = ContactFactory(case=case, note=CANARY)
    document = DocumentFactory(
        case=case,
        title=CANARY,
        note=CANARY,
        file_name=f"{CANARY}.pdf",
        content=f"%PDF-1.4 {CANARY} %%EOF".encode(),
    )
    # Its subject stands in an offer to a person by right; what the sheet shows is tested there.
    handover = HandoverFactory(case=case, to_staff=chen)
    question = HandoverQuestion.objects.create(handover=handover, asked_by=chen, question="?")
    suspicion = DuplicateSuspicionFactory(known=case, newer=CaseFactory(lead=zoe))
    follow_up = FollowUpFactory(case=case, subject=CANARY)
    deadline = DeadlineFactory(
        case=case, subject=CANARY, other_authority=CANARY, follow_up__subject=CANARY
    )
    expiry = ExpiryFactory(case=case, label=CANARY)
    finished = AssessmentFactory(
        case=case, hypothesis=CANARY, corrected_because=CANARY, personal_resources=CANARY
    )
    for rating in finished.ratings.all():
        rating.problem = rating.resource = CANARY
        rating.save()
    draft = AssessmentFactory(case=case, draft=True, hypothesis=CANARY)
    goal = GoalFactory(case=case, description=CANARY, needs=[need])
    measure = MeasureFactory(goal=goal, what=CANARY, ending_note=CANARY)
    keys = {
        "cases:end_expiry": expiry.pk,
        "cases:discard_assessment": draft.pk,
        "cases:change_goal": goal.pk,
        "cases:rate_goal": goal.pk,
        "cases:add_measure": goal.pk,
        "cases:change_measure": measure.pk,
        "cases:complete_measure": measure.pk,
        "cases:drop_measure": measure.pk,
        "cases:undo_measure": measure.pk,
        "cases:correct_contact": contact.pk,
        "cases:strike": contact.pk,
        "cases:document": document.pk,
        "cases:correct_document": document.pk,
        "cases:update_referral": referral.pk,
        "cases:revoke_consent": consent.pk,
        "cases:remove_team_member": team.pk,
        "cases:answer_question": question.pk,
        "cases:settle_suspicion": suspicion.pk,
    }
    needs = ("meet_need", "leave_need_unmet", "drop_need", "resume_need", "refer")
    keys |= {f"cases:{name}": need.pk for name in needs}
    for name in ("change", "check", "settle"):
        keys[f"cases:{name}_deadline"] = deadline.pk
    for name in ("complete", "undo", "postpone", "drop"):
        keys[f"cases:{name}_follow_up"] = follow_up.pk
    return case, keys


def address_of(page, case, keys):
    values = {
        "reference": case.reference,
        "slug": case.center.slug,
        "kind": "contact",
        "uidb36": "1",
        "key": "set-password",
        "code": "example",
        "pk": keys.get(page, 1),
    }
    arguments = dict(routes())[page]
    return reverse(page, kwargs={name: values[name] for name in arguments})
