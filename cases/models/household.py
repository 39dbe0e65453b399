"""Who belongs to the person of a case, and what is confidential to one of them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.models.doors import Strikable
from cases.models.person import Person


class HouseholdMember(Strikable):
    """Somebody who lives with the case's person or belongs to them: a person of their own."""

    class Relation(models.TextChoices):
        SPOUSE = "spouse", _("spouse")
        PARTNER = "partner", _("partner")
        CHILD = "child", _("child")
        PARENT = "parent", _("parent")
        SIBLING = "sibling", _("brother or sister")
        GRANDPARENT = "grandparent", _("grandparent")
        GRANDCHILD = "grandchild", _("grandchild")
        RELATIVE = "relative", _("other relative")
        OTHER = "other", _("other person")

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
    relation = models.CharField(_("relation"), max_length=12, choices=Relation)
    lives_here = models.BooleanField(_("lives in the same household"), default=True)
    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)
    # Where this member has a case of their own; shown to whoever may open that file.
    own_case = models.ForeignKey(
        "cases.Case",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="linked_members",
        verbose_name=_("own case"),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("member of the household")
        verbose_name_plural = _("members of the household")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person"],
                condition=Q(struck_at__isnull=True),
                name="a_person_is_once_in_a_household",
                violation_error_code="member_twice",
                violation_error_message=_("This person is a member of the household already."),
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=F("since")),
                name="a_membership_ends_after_it_begins",
                violation_error_code="membership_ends_too_early",
                violation_error_message=_("The end cannot lie before the beginning."),
            ),
        ]

    def __str__(self):
        return str(self.person)


class Concerning(models.Model):
    """A record about one person of the household or, with nobody named, about all of them.

    A couple in conflict must not read each other's notes: what is confidential to one person goes
    on no paper for another (`may_be_told_to`).
    """

    concerns = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("concerns"),
    )
    is_confidential = models.BooleanField(
        _("confidential: on no paper for another member of the household"), default=False
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(is_confidential=False) | Q(concerns__isnull=False),
                name="a_confidential_%(class)s_concerns_somebody",
                violation_error_code="confidential_to_nobody",
                violation_error_message=_("Please say to whom it is confidential."),
            )
        ]


def may_be_told_to(person: Person | int) -> Q:
    """Keep what may stand on paper for `person`: what is shared, and what is theirs alone."""
    return Q(is_confidential=False) | Q(concerns=person)
