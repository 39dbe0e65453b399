"""The lists the portal starts with."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.utils import timezone

from centers.models import Neighbourhood
from providers import catalogue
from providers.models import Language, LegalDomain, LifeArea, Position, Provider, Service

pytestmark = pytest.mark.django_db


def test_loading_again_creates_nothing_and_keeps_what_was_edited():
    domain = LegalDomain.objects.get(code="SGB2")
    domain.short_name = "Grundsicherung"
    domain.save()
    domain.responsible.clear()

    assert catalogue.load() == 0

    domain.refresh_from_db()
    assert domain.short_name == "Grundsicherung"
    assert not domain.responsible.exists()


def test_what_is_missing_comes_back():
    LifeArea.objects.filter(code="WOHNEN").delete()

    assert catalogue.load() == 1
    assert LifeArea.objects.get(code="WOHNEN").name == "Wohnen"


def test_the_lists_are_complete():
    assert LifeArea.objects.count() == 13
    assert LegalDomain.objects.count() == 45
    assert set(Language.objects.filter(is_rtl=True).values_list("pk", flat=True)) == {
        *("ar", "fa", "prs", "ps", "ckb", "ur")
    }
    assert Language.objects.get(code="uk").native_name == "українська"


def test_seven_employers_and_ziuma_under_the_paritaetische():
    employers = [
        "ki",
        "drk",
        "diakoniewerk",
        "awo",
        "grafschafter-diakonie",
        "caritas",
        "paritaetischer",
    ]
    assert Provider.objects.employers().filter(code__in=employers).count() == 7
    assert Provider.objects.get(code="ziuma").parent.code == "paritaetischer"
    regimes = dict(Provider.objects.values_list("code", "data_protection"))
    assert regimes["ki"] == "gdpr_municipal"
    assert regimes["drk"] == regimes["awo"] == regimes["ziuma"] == "gdpr"
    assert regimes["caritas"] == "kdg"
    assert regimes["diakoniewerk"] == regimes["grafschafter-diakonie"] == "dsg_ekd"


def test_the_auslaenderbehoerde_is_an_authority_and_employs_nobody_here():
    authority = Provider.objects.get(code="auslaenderbehoerde")
    assert authority.kind == Provider.Kind.AUTHORITY
    assert authority not in Provider.objects.employers()


def test_every_legal_domain_says_who_is_responsible():
    for domain in LegalDomain.objects.prefetch_related("responsible"):
        assert domain.responsible.all() or domain.responsible_note, domain


def test_laws_out_of_force_are_not_offered():
    day = date(2026, 7, 1)
    LegalDomain.objects.filter(code="IFSG").update(valid_until=day - timedelta(days=1))
    LegalDomain.objects.filter(code="INSO").update(valid_until=day, valid_from=day)

    current = set(LegalDomain.objects.current(day).values_list("pk", flat=True))

    assert "IFSG" not in current
    assert "INSO" in current


class TestExamples:
    @pytest.fixture(autouse=True)
    def _load(self, db):
        self.today = timezone.localdate()
        self.created = catalogue.load_example_services(self.today)

    def test_at_least_sixty_services_and_one_for_every_legal_domain(self):
        assert self.created >= 60
        assert not LegalDomain.objects.filter(services=None).exists()
        assert not LifeArea.objects.filter(services=None).exists()

    def test_all_are_marked_and_reach_nobody_real(self):
        for service in Service.objects.all():
            assert service.is_example
            assert service.phone.startswith("+493023125")
            assert service.email.endswith("@example.org")

    def test_each_is_for_the_whole_city_or_for_named_neighbourhoods(self):
        for service in Service.objects.prefetch_related("neighbourhoods"):
            assert service.is_city_wide != bool(service.neighbourhoods.all()), service

    def test_every_neighbourhood_is_served_and_some_services_are_stale(self):
        for neighbourhood in Neighbourhood.objects.all():
            assert Service.objects.serving(neighbourhood).exists()
        stale = [service for service in Service.objects.all() if service.is_stale]
        assert 0 < len(stale) < self.created / 2

    def test_loading_again_adds_nothing(self):
        assert catalogue.load_example_services(self.today) == 0

    def test_the_posts_are_those_of_the_article(self):
        catalogue.load_example_positions()
        catalogue.load_example_positions()

        posts = Position.objects.values_list("kind").annotate(Sum("fte")).order_by("kind")
        assert dict(posts) == {
            "administration": Decimal("0.50"),
            "case_management": Decimal("11.00"),
            "coordination": Decimal("2.50"),
        }
        assert set(Position.objects.values_list("eur_per_year", flat=True)) == {Decimal("55000")}
