from django.core.management.base import BaseCommand, CommandError

from cases import vault
from cases.workflow.document_keys import orphans, unreadable


class Command(BaseCommand):
    help = "Report documents without content and contents without a document."

    def add_arguments(self, parser):
        parser.add_argument("--read", action="store_true", help="Also decrypt each document.")
        parser.add_argument(
            "--remove", action="store_true", help="Remove contents without a document."
        )

    def handle(self, *args, **options):
        findings = list(unreadable(read_each=options["read"]))
        left = list(orphans())
        for name in left if options["remove"] else ():
            vault.erase(name)
        if not options["remove"]:
            findings += [f"{name}: no document points to this content." for name in left]
        for finding in findings:
            self.stdout.write(finding)
        if findings:
            raise CommandError(f"{len(findings)} findings.")
        removed = f"; {len(left)} contents removed" if left else ""
        self.stdout.write(f"No findings{removed}.")
