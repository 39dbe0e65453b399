"""Columns that a row fills in itself from its names, each time it is saved."""

from collections.abc import Iterable, Sequence

from django.db import models

from cases.names import name_codes, search_key


class ComputedFromNames(models.TextField):
    """A text made of other fields of the row when it is saved; nobody types it.

    It follows every `save()` and `bulk_create()`. A `save(update_fields=…)` that names only the
    sources leaves it behind: pass `with_computed(Model, fields)` instead.
    """

    def __init__(self, *args, sources: Sequence[str] = (), **kwargs):
        self.sources = tuple(sources)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "sources": self.sources}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        names = [getattr(model_instance, source, "") or "" for source in self.sources]
        value = self.compute(names)
        setattr(model_instance, self.attname, value)
        return value

    def compute(self, names: list[str]) -> str:
        raise NotImplementedError


class SearchKeyField(ComputedFromNames):
    """The names of a row as `cases.names.search_terms` finds them."""

    def compute(self, names: list[str]) -> str:
        return search_key(*names)


class NameCodesField(ComputedFromNames):
    """The phonetic codes of the names: ` APR KRM `, each between spaces."""

    def compute(self, names: list[str]) -> str:
        codes = name_codes(*names)
        return f" {' '.join(codes)} " if codes else ""


def with_computed(model: type[models.Model], fields: Iterable[str]) -> list[str]:
    """Add to the `update_fields` of a save the columns that are computed from them."""
    named = list(fields)
    computed = [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, ComputedFromNames) and set(field.sources) & set(named)
    ]
    return list(dict.fromkeys([*named, *computed]))
