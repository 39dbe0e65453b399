"""STUB: to be written."""

from django.http import Http404


def refer(request, **kwargs):
    raise Http404


def update_referral(request, **kwargs):
    raise Http404
