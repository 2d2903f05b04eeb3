"""The page that explains what was pasted: as page, with bad input, as stranger; keeps nothing."""

import pytest
from django.urls import reverse

from accounts.models import Learner
from sandbox.annotate import SAMPLES
from sandbox.annotating import FORMATS

URL = "/sandbox/annotate/"


def explain(client, text, format=""):
    return client.post(URL, {"text": text, "format": format})


@pytest.mark.django_db
def test_annotate_asks_for_a_transcript(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(reverse("annotate"))

    page = response.content.decode()
    assert response.status_code == 200
    assert '<textarea name="text"' in page
    assert "Nothing of it is stored" in page
    for name in FORMATS:
        assert f'href="?sample={name}"' in page


@pytest.mark.django_db
def test_annotate_fills_in_a_recorded_sample(client):
    page = client.get(URL, {"sample": "swaks"}).content.decode()

    assert " -&gt; RCPT TO:&lt;nobody@lab.example&gt;" in page


@pytest.mark.django_db
def test_annotate_shows_an_empty_box_for_a_sample_that_does_not_exist(client):
    page = client.get(URL, {"sample": "../../settings"}).content.decode()

    assert 'id="id_text">\n</textarea>' in page


@pytest.mark.django_db
def test_annotate_puts_the_verdict_first_and_reasons_beside_the_lines(client):
    page = explain(client, (SAMPLES / "swaks.txt").read_text()).content.decode()

    headline = "One message was accepted, but RCPT TO:&lt;nobody@lab.example&gt; was refused"
    assert headline in page
    assert page.index(headline) < page.index("220")
    assert "No such user here." in page
    assert reverse("note", args=["smtp-transaction"]) in page
    assert "Read as: swaks." in page


@pytest.mark.django_db
def test_annotate_writes_nothing_and_makes_no_learner(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = explain(client, (SAMPLES / "swaks.txt").read_text())

    assert response.status_code == 200
    assert response.cookies.keys() <= {"csrftoken"}
    assert Learner.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "This field is required."),
        (" \n \n", "There is nothing but empty lines."),
        ("Dear postmaster,\nit does not work.\n", "bears the mark of a format known here"),
        ("S: 250 ok\n" * 5001, "The text has 5,001 lines and 5,000 are taken at most"),
        ("S: 250 " + "x" * 262_144, "262,144 (256 KiB) are taken at most"),
    ],
)
def test_annotate_refuses_what_it_cannot_read(client, text, told):
    response = explain(client, text)

    page = response.content.decode()
    assert response.status_code == 422
    assert told in page
    assert "<title>Error: " in page


@pytest.mark.django_db
def test_annotate_refuses_a_format_that_it_does_not_know(client):
    response = explain(client, "S: 220 mx.lab.example\n", format="../swaks")

    assert response.status_code == 422
    assert "Where it comes from" in response.content.decode()


@pytest.mark.django_db
def test_annotate_shows_hostile_text_as_text(client):
    text = (
        "S: 220 mx.lab.example <script>alert(1)</script>\n"
        "C: EHLO \x1b[31mred\u202egnp\u200b\x00\n"
        "S: 501 5.5.4 <img src=x onerror=alert(2)>\n"
    )

    page = explain(client, text).content.decode()

    transcript = page[page.index('aria-label="Annotated transcript"') : page.index("<form")]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in transcript
    assert "<script>" not in transcript
    assert "<img" not in transcript
    assert "\u241b[31mredU+202EgnpU+200B\u2400" in transcript


@pytest.mark.django_db
def test_annotate_does_not_show_a_password_again(client):
    text = "S: 220 mx ready\nC: EHLO a.example\nS: 250-mx\nS: 250 AUTH PLAIN\n"
    text += "C: AUTH PLAIN AHBhdABzZWNyZXQ=\nS: 235 2.7.0 ok\n"

    page = explain(client, text).content.decode()

    assert "AHBhdABzZWNyZXQ" not in page
    assert page.count("AUTH PLAIN ********") == 2


@pytest.mark.django_db
def test_annotate_shows_the_line_of_the_verdict_however_far_down_it_is(client):
    text = "S: 220 mx ready\n" + "C: NOOP\nS: 250 ok\n" * 400
    text += "C: EHLO a.example\nS: 250 mx\nC: MAIL FROM:<a@b.example>\nS: 550 5.7.1 no\n"

    page = explain(client, text).content.decode()

    assert 'href="#line-805"' in page
    assert 'id="line-805"' in page
    assert page.count('class="said ') == 500
    assert "305 more items are not shown" in page
