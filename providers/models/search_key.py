"""How words are compared: without accents, without case, the same on every database."""

from anyascii import anyascii
from django.db import models


def search_key(text: str) -> str:
    """Reduce `text` to lower-case ASCII words, so that "Ämter" finds "aemter" and back."""
    return " ".join(anyascii(text.casefold().translate(_UMLAUTS)).lower().split())


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class SearchKeyField(models.TextField):
    """Keep the search key of other fields of the same row; it is computed on every save."""

    def __init__(self, *args, of: tuple[str, ...] = (), **kwargs):
        kwargs.update(editable=False, default="", blank=True)
        super().__init__(*args, **kwargs)
        self.of = of

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("editable", "default", "blank"):
            kwargs.pop(fixed, None)
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, model_instance, add):
        key = search_key(" ".join(getattr(model_instance, field) for field in self.of))
        setattr(model_instance, self.attname, key)
        return key
