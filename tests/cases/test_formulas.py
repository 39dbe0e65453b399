"""No file runs anything in the spreadsheet that opens it, whatever a name or a text begins with."""

import csv
import io
from types import SimpleNamespace

import pytest
from django.urls import reverse

from cases.exports.figures import figure_file
from kim_portal.csv_files import FORMULA_SIGNS
from tests.cases.factories import CaseFactory, HandoverFactory

pytestmark = pytest.mark.django_db

RUN = [f"{sign}HYPERLINK(1)" for sign in FORMULA_SIGNS]


def cells_of(answer):
    """Return every cell of a file as a spreadsheet reads it."""
    text = answer.content.decode("utf-8-sig")
    return [
        cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=";") for cell in row
    ]


def is_text(run, cells):
    """Tell whether the words stand there, and no cell begins as a formula does."""
    return f"'{run}" in cells and not any(cell.startswith(FORMULA_SIGNS) for cell in cells)


@pytest.mark.parametrize("run", RUN)
def test_a_follow_up_runs_nothing(browse, amal, run):
    CaseFactory(lead=amal, follow_up__subject=run)

    assert is_text(run, cells_of(browse(amal).get(reverse("cases:export_follow_ups"))))


@pytest.mark.parametrize("run", RUN)
def test_the_register_runs_nothing(browse, kora, amal, run):
    amal.given_name = run
    amal.save()
    CaseFactory(lead=amal)

    answer = browse(kora).get(reverse("cases:export"), {"list": "register"})

    assert is_text(f"{run} {amal.family_name}", cells_of(answer))


@pytest.mark.parametrize("run", RUN)
def test_the_handovers_run_nothing(browse, amal, dora, run):
    amal.given_name = run
    amal.save()
    HandoverFactory(case=CaseFactory(lead=amal), to_staff=dora)

    answer = browse(dora).get(reverse("cases:export_handovers"))

    assert is_text(f"{run} {amal.family_name}", cells_of(answer))


@pytest.mark.parametrize("run", RUN)
def test_the_figures_run_nothing(run):
    figure = SimpleNamespace(
        code="demand",
        label=run,
        definition=run,
        source=run,
        counted=run,
        n=1,
        as_of=None,
        row_head=run,
        columns=[run],
        rows=[SimpleNamespace(label=run, cells=[SimpleNamespace(value=1)])],
    )

    assert is_text(run, cells_of(figure_file(figure)))
