"""The three lists of handovers: whose they are, what a row tells its reader, how it is found."""

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Value

from cases.models.case import Case
from cases.models.doors import RecordQuerySet, record_door
from providers.models import StaffMember
from providers.roles import Permission


def meant_for(reader: StaffMember) -> Q:
    """An offer to the reader, or to the team of a center where they take on cases.

    Nobody offers a case to themselves: neither the lead nor the deputy who made the offer.
    """
    team = Q(to_center__isnull=False) & ~Q(from_staff=reader) & ~Q(recorded_by=reader)
    centers = reader.center_ids(Permission.TAKE_CASES)
    if centers is not None:
        team &= Q(to_center__in=centers)
    return Q(to_staff=reader) | team


class HandoverListQuerySet(RecordQuerySet):
    """Handovers as lists. Each row knows `tells_all`: whether its reader learns who asks, and why.

    Whoever was only named by the coordination does not: until the person consents they see the
    reference and the telephone number. No filter and no search may tell them either.
    """

    def incoming(self, reader: StaffMember):
        """Keep what waits for the reader; `is_sheet_open` says whether they may read the sheet."""
        offered = self.model.objects.offered_to(reader).filter(pk=OuterRef("pk"))
        named = self.model.objects.named_to(reader).filter(pk=OuterRef("pk"))
        return (
            self.waiting()
            .filter(meant_for(reader))  # both imply it, and an index finds it
            .filter(Exists(offered) | Exists(named))
            .annotate(is_sheet_open=Exists(offered), tells_all=Exists(offered))
        )

    def outgoing(self, reader: StaffMember):
        """Keep open offers of cases for which the reader answers, and those they made."""
        mine = Q(case__lead=reader) | Q(case__deputy=reader) | Q(recorded_by=reader)
        rows = self.visible_to(reader).waiting().filter(mine)
        return rows.annotate(tells_all=Value(True, output_field=BooleanField()))

    def answered_with(self, reader: StaffMember):
        """Keep ended ones that the reader made, received in person or answered.

        Their own part, without the file; `is_file_open` says whether that may still be read.
        """
        if not reader.may(Permission.TAKE_CASES):
            return self.none()
        took_part = _made_by(reader) | Q(to_staff=reader) | Q(answered_by=reader)
        only_named = Q(to_staff__isnull=False, to_staff=reader, by_coordination=True)
        is_open = record_door(reader)
        ended = self.exclude(state=self.model.State.OFFERED)
        return ended.filter(took_part).annotate(
            is_file_open=ExpressionWrapper(is_open, output_field=BooleanField()),
            tells_all=ExpressionWrapper(is_open | ~only_named, output_field=BooleanField()),
        )

    def made_by(self, reader: StaffMember):
        """Keep those that the reader offered, or the coordination for a case they led."""
        return self.filter(_made_by(reader))

    def not_made_by(self, reader: StaffMember):
        """Keep those in which the reader was asked."""
        return self.exclude(_made_by(reader))

    def telling_all(self):
        """Of one list, keep the rows that tell who asks and why."""
        return self.filter(tells_all=True)

    def matching(self, text: str, reader: StaffMember):
        """Of one list, keep the rows whose reference, colleagues or person fit `text`.

        A person is found by whoever may read the name: where the file is open, in an offer to the
        reader themselves, and in one to the team that they consider. Not by who merely may take
        the case: being a client is itself a secret (DESIGN §4).
        """
        offered = self.model.objects.offered_to(reader).filter(pk=OuterRef("pk"))
        considered = Q(to_staff=reader) | Q(reviews__reviewer=reader)
        named = offered.filter(considered)
        case = Case.objects.filter(pk=OuterRef("case"))
        colleagues = Q(to_center__name__icontains=text)
        for role in ("from_staff", "to_staff", "answered_by"):
            colleagues |= _called(text, role)
        return self.filter(
            Q(case__reference__istartswith=text)
            | Q(tells_all=True) & colleagues
            | record_door(reader) & Exists(case.matching(text))
            | Exists(named) & Exists(case.called(text))
        )


def _made_by(reader: StaffMember) -> Q:
    return Q(from_staff=reader) | Q(recorded_by=reader)


def _called(text: str, role: str) -> Q:
    """Say that each word of `text` stands in the name of the colleague in this role."""
    fits = Q()
    for word in text.split():
        fits &= Q(**{f"{role}__given_name__icontains": word}) | Q(
            **{f"{role}__family_name__icontains": word}
        )
    return fits
