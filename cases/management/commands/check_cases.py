from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from cases.workflow.invariants import RULES, broken_rules


class Command(BaseCommand):
    help = "Report every row that breaks a rule of the portal; ends with an error if there are any."

    def handle(self, *args, **options):
        with override("en"):
            findings = 0
            for finding in broken_rules():
                findings += 1
                self.stdout.write(finding)
        if findings:
            raise CommandError(f"{findings} findings; {len(RULES)} rules were checked.")
        self.stdout.write(f"No findings; {len(RULES)} rules were checked.")
