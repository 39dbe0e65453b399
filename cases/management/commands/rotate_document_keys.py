from django.core.management.base import BaseCommand, CommandError

from cases.workflow.document_keys import rotate, under_old_keys


class Command(BaseCommand):
    help = "Encrypt every document with the first of DOCUMENT_KEYS; safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Only count; change nothing.")

    def handle(self, *args, **options):
        if options["dry_run"]:
            self.stdout.write(f"{under_old_keys().count()} documents would be encrypted anew.")
            return
        done, failed = rotate()
        if failed:
            raise CommandError(
                f"{done} documents encrypted anew, {failed} cannot be read; keep the old keys."
            )
        self.stdout.write(f"{done} documents encrypted anew; the old keys can go.")
