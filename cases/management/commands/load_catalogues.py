"""Fill the value lists: what is missing is created, what was edited stays."""

from django.core.management.base import BaseCommand
from django.db import transaction

import cases.catalogue
import centers.catalogue
import providers.catalogue


class Command(BaseCommand):
    help = "Create the catalogue entries that are missing; nothing that was edited is changed."

    @transaction.atomic
    def handle(self, *args, **options):
        # Centers first: neighbourhoods and providers are named by what comes after them.
        created = sum(app.catalogue.load() for app in (centers, providers, cases))
        self.stdout.write(f"Catalogues loaded: {created} new entries.")
