"""Deadlines and expiry dates, as tests need them; see `factories.py`."""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from cases.deadline_law import Arrival
from cases.legal_deadlines import Facts, compute
from cases.models import Deadline, DeadlineRule, Expiry, FollowUp
from tests.cases.factories import CaseFactory, FollowUpFactory, in_days


class DeadlineFactory(DjangoModelFactory):
    """An objection against a letter of today, due in a month, with its follow-up; not checked."""

    class Meta:
        model = Deadline

    class Params:
        met = factory.Trait(
            state=Deadline.State.MET,
            settled_at=factory.LazyFunction(timezone.now),
            settled_by=factory.LazyAttribute(lambda deadline: deadline.case.lead),
            follow_up__done=True,
        )

    case = factory.SubFactory(CaseFactory)
    recorded_by = factory.LazyAttribute(lambda row: row.case.lead)
    rule = factory.LazyFunction(lambda: DeadlineRule.objects.get(pk="WIDERSPRUCH_SOZ"))
    dated_on = factory.LazyFunction(timezone.localdate)
    arrival = Arrival.POST
    due_on = factory.LazyFunction(lambda: in_days(30))
    computed_on = factory.SelfAttribute("due_on")
    safe_on = factory.SelfAttribute("computed_on")
    follow_up = factory.SubFactory(
        FollowUpFactory,
        case=factory.SelfAttribute("..case"),
        due_on=factory.SelfAttribute("..due_on"),
        kind=FollowUp.Kind.LEGAL_DEADLINE,
    )

    @factory.lazy_attribute
    def explanation(self):
        result = compute(self.rule.as_rule(), Facts(self.dated_on))
        return [step.stored() for step in result.steps]


class ExpiryFactory(DjangoModelFactory):
    """The passport of the case's person, valid for a year."""

    class Meta:
        model = Expiry

    case = factory.SubFactory(CaseFactory)
    recorded_by = factory.LazyAttribute(lambda row: row.case.lead)
    kind = Expiry.Kind.PASSPORT
    concerns = factory.SelfAttribute("case.person")
    valid_until = factory.LazyFunction(lambda: in_days(365))
