"""STUB: to be written."""

from django.http import Http404


def hand_over(request, **kwargs):
    raise Http404


def sheet(request, **kwargs):
    raise Http404


def amend_handover(request, **kwargs):
    raise Http404


def answer_question(request, **kwargs):
    raise Http404


def withdraw_handover(request, **kwargs):
    raise Http404


def review_handover(request, **kwargs):
    raise Http404


def ask_back(request, **kwargs):
    raise Http404


def accept_handover(request, **kwargs):
    raise Http404


def decline_handover(request, **kwargs):
    raise Http404


def send_back(request, **kwargs):
    raise Http404


def handovers(request, **kwargs):
    raise Http404
