"""STUB: to be written."""

from django.http import Http404


def day(request, **kwargs):
    raise Http404
