"""The value lists and the directory as the stories use them, and how often which entry comes up."""

from cases.models import (
    AccessRoute,
    ClosingReason,
    ContactSetting,
    DataKind,
    InterpretingMode,
    UnmetReason,
)
from providers.models import LegalDomain, LifeArea, Service

ROUTES = {
    "OFFENE_SPRECHSTUNDE": 10,
    "FAMILIE_BEKANNTE": 5,
    "JOBCENTER": 3,
    "SCHULE": 2,
    "KITA": 1,
    "MBE": 2,
    "JUGENDAMT": 1,
    "MIGRANTENORG": 1,
    "KIRCHE_MOSCHEE": 1,
    "SELBST": 2,
}
SETTINGS = {
    "PERSOENLICH_RSC": 8,
    "TELEFON": 7,
    "OFFENE_SPRECHSTUNDE": 4,
    "HAUSBESUCH": 1,
    "BEGLEITUNG": 2,
    "NICHT_ERSCHIENEN": 1,
    "FALLBEZOGEN_OHNE_KLIENT": 2,
}
ENDINGS = {
    "ZIEL_ERREICHT": 8,
    "UEBERLEITUNG_REGELSYSTEM": 4,
    "UEBERGABE_ANDERE_STELLE": 2,
    "WEGZUG": 2,
    "KONTAKT_ABGEBROCHEN": 3,
    "KLIENT_BEENDET": 2,
    "NICHT_ZUSTAENDIG": 1,
    "AUSREISE": 1,
}


class Lists:
    """The value lists and the directory, read once for the whole world."""

    def __init__(self) -> None:
        self.domains = LegalDomain.objects.in_bulk()
        self.areas = LifeArea.objects.in_bulk()
        self.routes = AccessRoute.objects.in_bulk()
        self.settings = ContactSetting.objects.in_bulk()
        self.interpreting = InterpretingMode.objects.in_bulk()
        self.unmet = UnmetReason.objects.in_bulk()
        self.endings = ClosingReason.objects.in_bulk()
        self.data_kinds = list(DataKind.objects.filter(is_special_category=False))
        self.services: dict[str, list[Service]] = {}
        found = Service.objects.active().select_related("provider").order_by("code")
        for service in found.prefetch_related("legal_domains"):
            for domain in service.legal_domains.all():
                self.services.setdefault(domain.pk, []).append(service)
