"""STUB: to be written."""

from django.http import Http404


def change_phase(request, **kwargs):
    raise Http404
