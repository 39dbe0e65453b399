"""Write the pages of docs/ that are made from the code, or say which are out of date."""

from django.core.management.base import BaseCommand, CommandError

from cases.management import docs


class Command(BaseCommand):
    help = "Write docs/states.md and docs/access.md from the code."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="only compare; 1 if one differs")

    def handle(self, *args, check: bool, **options):
        outdated = [path.name for path in docs.outdated()]
        if check and outdated:
            raise CommandError(f"Out of date: {', '.join(outdated)}. Run manage.py write_docs.")
        if not check:
            docs.write()
        self.stdout.write(f"Written anew: {', '.join(outdated) or 'nothing had changed'}.")
