"""STUB: to be written."""

from django.http import Http404


def give_consent(request, **kwargs):
    raise Http404


def revoke_consent(request, **kwargs):
    raise Http404
