from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import override

from cases.workflow.expiries import due_reminders, remind_all


class Command(BaseCommand):
    help = "Remind 12, 8 and 4 weeks before papers and approvals expire; safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Only count; change nothing.")

    def handle(self, *args, **options):
        today = timezone.localdate()
        if options["dry_run"]:
            count = sum(1 for _thing in due_reminders(today))
            self.stdout.write(f"{count} reminders would be made.")
            return
        # What people will read is written here, in their language.
        with override(settings.LANGUAGE_CODE):
            count = remind_all(today)
        self.stdout.write(f"{count} reminders made.")
