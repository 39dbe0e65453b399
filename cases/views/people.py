"""STUB: to be written."""

from django.http import Http404


def correct_person(request, **kwargs):
    raise Http404
