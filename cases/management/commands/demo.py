from argparse import SUPPRESS
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.management.demo import staff, world
from cases.models import Case
from providers.models import StaffMember


class Command(BaseCommand):
    help = "Fill an empty database with the demo world: the article's facts and invented cases."

    def add_arguments(self, parser):
        parser.add_argument(
            "--today",
            type=date.fromisoformat,
            default=None,
            metavar="YYYY-MM-DD",
            help="the day on which the world stands; equal days give equal worlds",
        )
        parser.add_argument("--cases", type=int, default=300, help=SUPPRESS)

    def handle(self, *args, **options):
        if StaffMember.objects.filter(is_demo=True, username=staff.HAMBORN).exists():
            self.stdout.write("The demo world is here already. Nothing was changed.")
            return
        if StaffMember.objects.exists() or Case.objects.exists():
            raise CommandError(
                "This database holds other data, and the demo world would mix with it. "
                "Point DATABASE_URL to an empty database."
            )
        world.build(options["today"] or timezone.localdate(), options["cases"])
        closed = Case.objects.closed().count()
        self.stdout.write(
            f"The demo world is ready: {Case.objects.count()} invented cases, {closed} of them "
            "closed.\nThe 14 advisers (4 of the city, 10 of the associations) share 11.0 posts; "
            "their names and how they are split over centers and employers are invented.\n"
            f"Logins: {', '.join(staff.LOGINS)}\nPassword: {staff.PASSWORD}"
        )
