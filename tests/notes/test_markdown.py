import pytest

from notes.markdown import Link, slugify_heading, to_html


def page(text, titles=None, slug="here"):
    return to_html(
        text, slug=slug, titles=titles or {}, set_dialogue=lambda fence: f"<p>[{fence.info}]</p>"
    )


def test_headings_get_prefixed_anchors():
    set_page = page("## The order is the meaning\n")

    assert set_page.html == '<h2 id="n-the-order-is-the-meaning">The order is the meaning</h2>\n'
    assert set_page.anchors == ["the-order-is-the-meaning"]


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [("HELO, EHLO & you", "helo-ehlo-you"), ("  5yz?  ", "5yz"), ("`MAIL FROM:`", "mail-from")],
)
def test_anchor_of_a_heading(heading, anchor):
    assert slugify_heading(heading) == anchor


def test_wikilinks_lead_to_notes_and_are_reported():
    set_page = page(
        "See [[pop3]], [[pop3#states]] and [[pop3#states|its states]].", {"pop3": "POP3"}
    )

    assert '<a href="/notes/pop3/" rel="noopener noreferrer">POP3</a>' in set_page.html
    assert (
        '<a href="/notes/pop3/#n-states" rel="noopener noreferrer">its states</a>' in set_page.html
    )
    assert set_page.links == [Link("pop3"), Link("pop3", "states"), Link("pop3", "states")]


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("RFC 5321 section 4.1.1.1", "https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.1"),
        ("RFC5321", "https://www.rfc-editor.org/rfc/rfc5321"),
        ("RFC 5321 §4.2.", "https://www.rfc-editor.org/rfc/rfc5321#section-4.2"),
        ("RFC 5321 section F", "https://www.rfc-editor.org/rfc/rfc5321#appendix-F"),
    ],
)
def test_rfcs_in_text_become_links(text, href):
    set_page = page(text)

    assert f'href="{href}"' in set_page.html
    assert set_page.rfcs == [5321]


def test_rfcs_in_code_and_in_links_stay_as_they_are():
    set_page = page("`RFC 5321` and [RFC 821](https://a.example/)")

    assert set_page.rfcs == []
    assert set_page.html.count("<a ") == 1


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](javascript:alert(1))",
        '<a href="https://a.example" onclick="x()">a</a>',
        "```text\n</code></pre><script>alert(1)</script>\n```",
        "[[pop3|<script>x</script>]]",
    ],
)
def test_hostile_text_renders_inert(hostile):
    html = page(hostile).html

    assert "<script" not in html
    assert 'href="javascript' not in html
    assert 'src="javascript' not in html
    assert '<a href="https://a.example" onclick' not in html
    assert "<img src=" not in html or "onerror" not in html.split("<img", 1)[1].split(">")[0]


def test_raw_html_level_one_headings_and_foreign_images_are_problems():
    problems = page("# Title\n\n<b>x</b>\n\n![](https://a.example/x.png)\n").problems

    assert problems == [
        "line 1: headings start at ##; the page has the title",
        "raw HTML is not allowed: <b>",
        "an image has no text in its place",
        "image from elsewhere: https://a.example/x.png",
    ]


def test_tables_scroll_in_a_named_box_and_carry_no_style():
    html = page("| a | b |\n|---|--:|\n| 1 | 2 |\n\nText.\n\n| c |\n|---|\n| 3 |\n").html

    assert '<div class="scroll" tabindex="0" role="region" aria-label="Table 1"><table>' in html
    assert 'role="region" aria-label="Table 2"><table>' in html
    assert '<th scope="col" class="align-right">b</th>' in html
    assert "style" not in html
