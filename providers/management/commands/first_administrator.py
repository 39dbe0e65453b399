"""Create the account that creates all others."""

from django.core.management.base import BaseCommand, CommandError

from kim_portal.errors import Refusal
from providers.accounts import create_first_administrator, password_link_expires_at
from providers.models import Provider


class Command(BaseCommand):
    help = "Create the first administrator and print a one-time link to choose a password."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--given-name", required=True)
        parser.add_argument("--family-name", required=True)
        parser.add_argument("--employer", default="ki", help="code of the provider (default: ki)")
        parser.add_argument(
            "--address",
            default="",
            help="where the portal answers, such as https://kim.example.org",
        )

    def handle(self, *, username, given_name, family_name, employer, address, **options):
        provider = Provider.objects.filter(code=employer).first()
        if provider is None:
            raise CommandError(
                f"There is no provider with the code {employer!r}. Run load_catalogues first."
            )
        try:
            staff, link = create_first_administrator(
                username=username,
                given_name=given_name,
                family_name=family_name,
                employer=provider,
            )
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{address.rstrip('/')}{link}")
        self.stdout.write(
            f"Open this link once, before {password_link_expires_at(staff):%Y-%m-%d %H:%M} UTC."
        )
