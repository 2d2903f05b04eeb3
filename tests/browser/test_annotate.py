"""The annotator in a browser: without scripts, accessible, and never wider than the screen."""

import pytest


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_annotate_explains_a_sample_in_every_size_and_theme(visit, width, scheme):
    viewport = {"width": width, "height": 800}
    at = visit(viewport=viewport, color_scheme=scheme)
    page = at.page
    for name in ("typed", "postfix"):
        page.goto(f"/sandbox/annotate/?sample={name}")
        page.get_by_role("button", name="Explain").click()
        page.get_by_role("heading", level=1).wait_for()

        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert at.axe() == []


def test_annotate_works_without_scripts(visit):
    page = visit(java_script_enabled=False).page
    page.goto("/sandbox/annotate/")
    page.get_by_role("link", name="swaks").click()
    page.get_by_role("button", name="Explain").click()

    assert page.get_by_role("heading", level=1).inner_text() == (
        "One message was accepted, but RCPT TO:<nobody@lab.example> was refused with 550 5.1.1"
    )
    page.get_by_role("link", name="To line 21").click()
    assert page.url.endswith("#line-21")
    assert "No such user here." in page.locator("#line-21").inner_text()


def test_explanation_is_found_again_on_the_way_back(visit):
    page = visit().page
    page.goto("/sandbox/annotate/?sample=swaks")
    page.get_by_role("button", name="Explain").click()
    page.locator("#main").get_by_role("link", name="Sandbox").click()
    page.wait_for_url("**/sandbox/")

    page.go_back()

    page.get_by_role("heading", name="One message was accepted, but").wait_for()


def test_annotate_names_what_it_cannot_read(visit):
    at = visit()
    page = at.page
    page.goto("/sandbox/annotate/")
    page.get_by_label("Transcript, log or bounce").fill("Dear postmaster, it does not work.")
    page.get_by_role("button", name="Explain").click()
    page.get_by_role("heading", name="That does not work yet").wait_for()

    assert page.title().startswith("Error: ")
    assert at.axe() == []
    at.forgive("422")
