"""Bad input on every form: it gets a message, keeps what was typed and half-saves nothing."""

import re

import pytest
from django import forms
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from cases.models import (
    Case,
    CaseEvent,
    ClosingReason,
    Consent,
    Contact,
    Deadline,
    FollowUp,
    Handover,
    Need,
    Person,
    Referral,
)
from cases.workflow.closing import close
from cases.workflow.deadlines import settle_deadline
from cases.workflow.handover import withdraw_handover
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
from tests.cases.plan_factories import AssessmentFactory, MeasureFactory
from tests.test_access import PAGES, READERS
from tests.world import address_of, routes

pytestmark = pytest.mark.django_db

ROWS = (Case, CaseEvent, Consent, Contact, FollowUp, Handover, Need, Person, Referral)
# Pages to read, and lists with filters by GET.
WITHOUT_A_FORM = {
    "cases:assessments",
    "cases:deadlines",
    "cases:document",
    "cases:documents",
    "cases:plan",
    "cases:calendar",
    "cases:dashboard",
    "cases:day",
    "cases:detail",
    "cases:export",
    "cases:export_follow_ups",
    "cases:export_handovers",
    "cases:follow_ups",
    "cases:handovers",
    "cases:list",
    "cases:register",
    "cases:sheet",
    "cases:timeline",
    "cases:without_lead",
}
# A closed case alone can be reopened; the test closes it first.
AFTER_CLOSING = {"cases:reopen"}


def pages_of(reader):
    """Return the pages whose form the access table opens to the reader."""
    column = READERS.index(reader)
    own = {page for page, row in PAGES.items() if row[column] == 200}
    return {page for page in own if page.startswith("cases:")} - WITHOUT_A_FORM


# What a receiver or the coordination sees as the lead does is sent once.
PAIRS = [
    *(("amal", page) for page in sorted(pages_of("amal") | AFTER_CLOSING)),
    *(("chen", page) for page in sorted(pages_of("chen") - pages_of("amal"))),
    *(("kora", page) for page in sorted(pages_of("kora") - pages_of("amal"))),
]


def test_the_steps_of_an_offer_are_among_them():
    assert {("amal", "cases:hand_over"), ("amal", "cases:reopen")} <= set(PAIRS)
    answers = ("review_handover", "ask_back", "accept_handover", "decline_handover")
    assert {("chen", f"cases:{step}") for step in answers} <= set(PAIRS)
    assert {("kora", f"cases:{step}") for step in ("assign_lead", "send_back")} <= set(PAIRS)


HTML = "<script>alert(1)</script>"
TOO_LONG = "ä" * 10_001
NO_SUCH_DAY = "31.02.2026"
NO_SUCH_CODE = "9" * 18
ZERO_BYTE = "a\x00b"


def garbage_for(field):
    """Return what no field of this kind takes, and HTML, which a text may well hold."""
    nothing = [""] if field.required and not field.widget.is_hidden else []
    if isinstance(field, forms.BooleanField):
        return nothing
    if isinstance(field, forms.DateField | forms.DateTimeField):
        return [*nothing, NO_SUCH_DAY, HTML]
    if isinstance(field, forms.ModelChoiceField | forms.IntegerField):
        return [*nothing, NO_SUCH_CODE]
    if isinstance(field, forms.ChoiceField | forms.UUIDField):
        return [*nothing, HTML]
    return [*nothing, TOO_LONG, ZERO_BYTE, HTML]


def questions_of(page):
    """Return all bound fields of the page by their names in the form, those of rows too.

    But files: tests/cases/test_documents.py tries what lies about itself.
    """
    rows = page.context.get("rows")
    parts = [page.context["form"], *([rows.management_form, *rows.forms] if rows else [])]
    bounds = (bound for part in parts for bound in part)
    return {one.html_name: one for one in bounds if not isinstance(one.field, forms.FileField)}


def filled_in(questions):
    """Return what the page proposes, and something fitting where an answer is asked for."""
    typed = {}
    for name, bound in questions.items():
        value = bound.value()
        if value in (None, "", [], False):
            value = fitting(name, bound)
        if value not in (None, "", [], False):
            typed[name] = value
    return typed


def fitting(name, bound):
    """Return a sentence of its own for each text, and what a field that is required takes."""
    if is_text(bound):
        return f"Getippt in {name}"
    if not bound.field.required:
        return None
    if isinstance(bound.field, forms.ChoiceField):
        keys = re.findall(r'value="([^"]+)"', str(bound))
        return keys[0] if keys else None
    if isinstance(bound.field, forms.DateField):
        return timezone.localdate().isoformat()
    return "on" if isinstance(bound.field, forms.BooleanField) else None


def is_text(bound):
    return type(bound.field) is forms.CharField and not bound.is_hidden


def errors_beside(page, name):
    return next(
        (bound.errors for key, bound in questions_of(page).items() if key == name and bound.errors),
        [],
    )


def arrange(case, page, amal):
    """Bring the case to where the page has a form."""
    if page == "cases:hand_over":
        withdraw_handover(case.handovers.get(), by=amal)
    if page in AFTER_CLOSING:
        for deadline in case.deadlines.filter(state=Deadline.State.OPEN):
            settle_deadline(deadline, by=amal, state=Deadline.State.DROPPED)
        reached = ClosingReason.objects.get(code="ZIEL_ERREICHT")
        close(case, by=amal, reason=reached, outcome="reached", end_the_rest=True)


def counts():
    return {model.__name__: model.objects.count() for model in ROWS}


@pytest.mark.parametrize(("reader", "page"), PAIRS)
def test_each_field_alone_may_hold_garbage(request, browse, world, amal, reader, page):
    case, keys = world
    arrange(case, page, amal)
    client, url = browse(request.getfixturevalue(reader)), address_of(page, case, keys)
    questions = questions_of(client.get(url))
    sentences = filled_in(questions)
    before = counts()
    for name, bound in questions.items():
        if name.endswith("_FORMS"):
            continue  # How many rows there are is counted by the page, typed by nobody.
        for bad in garbage_for(bound.field):
            with transaction.atomic():
                answer = client.post(url, {**sentences, name: bad})
                what = page, name, bad[:30], answer.status_code
                if bad == HTML and is_text(bound) and answer.status_code == 302:
                    assert HTML not in client.get(answer.url).text, what
                else:
                    refused(answer, name, bound, sentences, what)
                    assert counts() == before, what
                transaction.set_rollback(True)


def refused(answer, name, bound, sentences, what):
    """The page comes back with the sentence beside the field and all else that was typed."""
    assert answer.status_code in {200, 409}, what
    assert HTML not in answer.text, what
    for other, sentence in sentences.items():
        if str(sentence).startswith("Getippt in") and other != name:
            assert sentence in answer.text, (*what, other)
    if answer.status_code == 409:
        assert answer.context["refusal"].sentence, what
        return
    errors = errors_beside(answer, name)
    if not errors and (bound.is_hidden or (what[2] == HTML[:30] and is_text(bound))):
        # The field is fine, or the step's to judge: something else stands against the form.
        assert answer.context["form"].errors or answer.context["rows"].total_error_count(), what
        return
    assert errors, what
    # Once in the summary, once beside the field.
    is_asked = not bound.is_hidden and f'name="{name}"' in answer.text
    assert answer.text.count(escape(errors[0])) >= (2 if is_asked else 1), what


def test_what_was_typed_survives_an_expired_login(browse, world, amal):
    case, _keys = world
    url = reverse("cases:plan_follow_up", args=[case.reference])
    sender = re.search(r'name="sender" value="([^"]+)"', browse(amal).get(url).text)[1]
    gone = browse()
    typed = {"subject": "Vor dem Ablauf getippt", "due_on": "01.01.2027", "sender": sender}

    answer = gone.post(url, typed)
    assert answer.url.startswith(reverse("account_login"))
    gone.force_login(amal)
    back = gone.get(url)

    assert "Vor dem Ablauf getippt" in back.text
    assert not FollowUp.objects.filter(subject="Vor dem Ablauf getippt").exists()
    assert "Vor dem Ablauf getippt" not in gone.get(url).text


def test_somebody_else_who_signs_in_then_gets_nothing_of_it(browse, world, amal, dora):
    case, _keys = world
    url = reverse("cases:plan_follow_up", args=[case.reference])
    sender = re.search(r'name="sender" value="([^"]+)"', browse(amal).get(url).text)[1]
    gone = browse()

    gone.post(url, {"subject": "Nur für Amal", "sender": sender})
    gone.force_login(dora)

    assert "Nur für Amal" not in gone.get(url).text


# --- Keys in addresses --------------------------------------------------------------------------

WITH_A_KEY = [
    name for name, arguments in routes() if name.startswith("cases:") and "pk" in arguments
]


def rows_of_another_case(lead, receiver):
    """Return, page by page, the key of a row of a case of the same lead."""
    other = CaseFactory(lead=lead)
    need = NeedFactory(case=other)
    contact, follow_up = ContactFactory(case=other), FollowUpFactory(case=other)
    document, deadline = DocumentFactory(case=other), DeadlineFactory(case=other)
    measure = MeasureFactory(goal__case=other)
    handover = HandoverFactory(case=other, to_staff=receiver)
    question = handover.questions.create(asked_by=receiver, question="?")
    keys = {
        "cases:correct_contact": contact.pk,
        "cases:strike": contact.pk,
        "cases:update_referral": ReferralFactory(need=need).pk,
        "cases:revoke_consent": ConsentFactory(case=other).pk,
        "cases:remove_team_member": AccessFactory(case=other).pk,
        "cases:answer_question": question.pk,
        "cases:settle_suspicion": DuplicateSuspicionFactory(known=other).pk,
        "cases:end_expiry": ExpiryFactory(case=other).pk,
        "cases:discard_assessment": AssessmentFactory(case=other, draft=True).pk,
        "cases:document": document.pk,
        "cases:correct_document": document.pk,
    }
    for name in ("change", "rate"):
        keys[f"cases:{name}_goal"] = measure.goal_id
    keys["cases:add_measure"] = measure.goal_id
    for name in ("change", "complete", "drop", "undo"):
        keys[f"cases:{name}_measure"] = measure.pk
    for name in ("change", "check", "settle"):
        keys[f"cases:{name}_deadline"] = deadline.pk
    needs = ("meet_need", "leave_need_unmet", "drop_need", "resume_need", "refer")
    keys |= {f"cases:{name}": need.pk for name in needs}
    for name in ("complete", "undo", "postpone", "drop"):
        keys[f"cases:{name}_follow_up"] = follow_up.pk
    return keys


def test_a_key_of_another_case_or_of_none_does_not_exist(browse, world, amal, chen):
    case, _keys = world
    foreign = rows_of_another_case(amal, chen)
    assert set(foreign) == set(WITH_A_KEY)
    client = browse(amal)
    for page in WITH_A_KEY:
        for key in (foreign[page], 999_999):
            url = address_of(page, case, {page: key})
            assert client.get(url).status_code == 404, page
            # A page that is only read knows no POST.
            expected = {404, 405} if page in WITHOUT_A_FORM else {404}
            assert client.post(url, {}).status_code in expected, page
