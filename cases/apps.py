from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "cases"
    # The heading in the administration, where nothing else of cases is found.
    verbose_name = _("Lists that cases choose from")
