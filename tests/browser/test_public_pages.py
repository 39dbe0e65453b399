"""What anybody may open, without a login, on a desk and in a hand."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize(
    "path",
    ["/centers/", "/centers/hamborn/", "/imprint/", "/privacy/", "/accessibility/", "/login/"],
)
def test_a_public_page_is_accessible_and_fits(open_page, axe, fits, width, path):
    page = open_page(width=width)

    assert page.goto(path).status == 200

    axe(page)
    fits(page)


def test_the_centers_can_be_read_without_javascript_and_in_the_dark(open_page, axe):
    plain = open_page(javascript=False)
    plain.goto("/centers/")
    assert plain.get_by_role("link", name="Hamborn").first.is_visible()

    dark = open_page(dark=True)
    dark.goto("/centers/")
    axe(dark)
