"""STUB: to be written."""

from django.http import Http404


def name_deputy(request, **kwargs):
    raise Http404


def remove_deputy(request, **kwargs):
    raise Http404


def add_team_member(request, **kwargs):
    raise Http404


def remove_team_member(request, **kwargs):
    raise Http404
