from django.core.management.base import BaseCommand

from cases.workflow.ended_rights import affected, bring_all_home


class Command(BaseCommand):
    help = "Give what people left behind whose right to a file has run out to the case's lead."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Only count; change nothing.")

    def handle(self, *args, **options):
        if options["dry_run"]:
            self.stdout.write(f"{affected().count()} cases would be put right.")
            return
        done = bring_all_home()
        self.stdout.write(
            f"{done.cases} cases put right, {done.follow_ups} follow-ups went to the lead."
        )
