"""The pages of docs/ that are made from the code say what the code does."""

import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cases.access import Level, Step
from cases.management import docs
from cases.models import ClosingReason, Consent, Handover, Phase, Referral
from cases.workflow import assigning, closing, consents, handover
from cases.workflow.phases import transitions
from cases.workflow.steps import STEPS
from providers.roles import Permission
from tests.cases.factories import CaseFactory, ConsentFactory, HandoverFactory


def test_the_made_pages_are_current():
    outdated = [path.name for path in docs.outdated()]

    assert not outdated, f"{outdated}: run manage.py write_docs"


def test_the_command_writes_what_differs_and_can_only_compare(settings, tmp_path, capsys):
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    with pytest.raises(CommandError, match=r"states\.md, access\.md"):
        call_command("write_docs", "--check")
    assert not list((tmp_path / "docs").iterdir())

    call_command("write_docs")
    call_command("write_docs", "--check")

    assert {path.name for path in (tmp_path / "docs").iterdir()} == {"states.md", "access.md"}
    assert capsys.readouterr().out.splitlines()[-1] == "Written anew: nothing had changed."


def test_every_step_level_and_permission_has_its_line():
    text = docs.access()

    assert {step for step in Step if f"`{step}`" not in text} == set()
    assert set(docs.LEVELS) == set(Level)
    assert set(docs.PERMISSIONS) == set(Permission)
    assert text.count("\n| `") >= len(STEPS) + len(Permission)


def test_every_state_has_its_line_and_every_drawn_change_exists():
    text = docs.states()
    drawn = set(re.findall(r"^    (\w+) --> (\w+)", text, re.MULTILINE))
    possible = {(before.value, after.value) for before, after, _ in transitions()}
    ends = {(Handover.State.OFFERED.value, after.value) for _, after in docs.HANDOVER_STEPS}

    assert drawn
    assert drawn <= possible | ends
    assert {state for states in (Phase, Referral.State) for state in states} <= {
        line.split("`")[1] for line in text.splitlines() if line.startswith("| `")
    }


# --- What ends an offer ---------------------------------------------------------------------------


def _revoke(offer, *, amal, **_):
    consent = Consent.objects.get(case=offer.case, kind=Consent.Kind.TRANSFER)
    consents.revoke_consent(consent, by=amal)


def _close(offer, *, amal, **_):
    reason = ClosingReason.objects.get(code="ZIEL_ERREICHT")
    closing.close(
        offer.case, by=amal, reason=reason, outcome="reached", note="Alles da.", end_the_rest=True
    )


TAKEN = {
    Step.ACCEPT_HANDOVER: lambda offer, *, ben, **_: handover.accept_handover(offer, by=ben),
    Step.DECLINE_HANDOVER: lambda offer, *, ben, **_: handover.decline_handover(
        offer, by=ben, because="Ich bin im Urlaub."
    ),
    Step.WITHDRAW_HANDOVER: lambda offer, *, amal, **_: handover.withdraw_handover(offer, by=amal),
    Step.SEND_BACK: lambda offer, *, kora, **_: handover.send_back(
        offer, by=kora, because="Niemand hat geantwortet."
    ),
    Step.ASSIGN_LEAD: lambda offer, *, kora, dora, **_: assigning.assign_lead(
        offer.case, by=kora, to=dora
    ),
    Step.REVOKE_CONSENT: _revoke,
    Step.CLOSE: _close,
}


@pytest.mark.django_db
@pytest.mark.parametrize(("step", "after"), docs.HANDOVER_STEPS)
def test_an_offer_ends_as_drawn(step, after, amal, ben, dora, kora, awo):
    case = CaseFactory(lead=amal)
    ConsentFactory(case=case, recipients=[awo])
    yesterday = timezone.localdate() - timedelta(days=1)
    offer = HandoverFactory(case=case, to_staff=ben, answer_due_on=yesterday)

    TAKEN[step](offer, amal=amal, ben=ben, dora=dora, kora=kora)

    offer.refresh_from_db()
    assert offer.state == after


def test_no_state_of_an_offer_is_left_undrawn():
    drawn = {after for _, after in docs.HANDOVER_STEPS}

    assert drawn == set(Handover.State) - {Handover.State.OFFERED}
