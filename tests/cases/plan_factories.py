"""Assessments, goals and measures, as tests need them (see also `tests.cases.factories`).

AssessmentFactory(case=case, values={"WOHNEN": "4"})   finished; `draft=True`: begun
GoalFactory(case=case, needs=[need])                   `reached=True`: it has ended well
MeasureFactory(goal=goal)                              the client's, so nothing comes back for it
"""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from cases.models import Assessment, Goal, Measure, Rating
from providers.models import LifeArea
from tests.cases.factories import RecordFactory, in_days


class AssessmentFactory(RecordFactory):
    """A finished assessment of the case's person, “unstable” everywhere unless `values` says more.

    AssessmentFactory(case=case, values={"WOHNEN": "4"}); a draft has what is named alone.
    """

    class Meta:
        model = Assessment

    class Params:
        draft = factory.Trait(
            state=Assessment.State.DRAFT, finished_at=None, kept_with=factory.Faker("uuid4")
        )

    concerns = factory.SelfAttribute("case.person")
    state = Assessment.State.FINISHED
    finished_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def values(self, create, values, **kwargs):
        values = values or {}
        for area in LifeArea.objects.active():
            if area.pk in values or not self.is_draft:
                value = values.get(area.pk, Rating.Value.UNSTABLE)
                Rating.objects.create(assessment=self, life_area=area, value=value)


class GoalFactory(RecordFactory):
    """An action goal that nobody has agreed to yet."""

    class Meta:
        model = Goal

    class Params:
        reached = factory.Trait(
            state=Goal.State.REACHED, ended_on=factory.LazyFunction(timezone.localdate)
        )

    description = "Eigene Wohnung mit zwei Zimmern"

    @factory.post_generation
    def needs(self, create, rows, **kwargs):
        if create:
            self.needs.set(rows or ())


class MeasureFactory(DjangoModelFactory):
    """Something that the client does, in three weeks."""

    class Meta:
        model = Measure

    goal = factory.SubFactory(GoalFactory)
    case = factory.SelfAttribute("goal.case")
    recorded_by = factory.LazyAttribute(lambda measure: measure.case.lead)
    what = "Wohnungsanzeigen lesen"
    responsible = Measure.Responsible.CLIENT
    due_on = factory.LazyFunction(lambda: in_days(21))
