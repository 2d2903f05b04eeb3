"""The stylesheet's promises, computed: contrast in both themes, layers, sizes."""

import gzip
import re

import pytest
from django.conf import settings
from django.core.management import call_command

CSS = (settings.BASE_DIR / "static" / "site.css").read_text()
TOKEN = re.compile(r"--([a-z-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
COLOURS = {name: (light, dark) for name, light, dark in TOKEN.findall(CSS)}
READ = [
    *[("text", ground) for ground in ("surface", "raised", "sunken", "ok-wash", "bad-wash")],
    *[("muted", ground) for ground in ("surface", "raised", "sunken", "ok-wash", "bad-wash")],
    *[("accent", ground) for ground in ("surface", "raised", "sunken")],
    *[("ok", ground) for ground in ("surface", "raised", "ok-wash")],
    *[("bad", ground) for ground in ("surface", "raised", "bad-wash")],
    ("on-accent", "accent"),
    ("surface", "text"),
]
SEEN = [("strong", "surface"), ("accent", "sunken"), ("bad", "sunken"), ("ok", "surface")]


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_known_pairs():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), READ)
def test_text_can_be_read(ink, ground, theme):
    assert contrast(COLOURS[ink][theme], COLOURS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), SEEN)
def test_lines_and_marks_can_be_seen(ink, ground, theme):
    assert contrast(COLOURS[ink][theme], COLOURS[ground][theme]) >= 3


def test_colours_stand_in_the_tokens_only():
    layers = re.split(r"@layer (\w+) \{", CSS)
    tokens = layers[layers.index("tokens") + 1]

    assert not re.search(r"#[0-9a-f]{3,8}\b|rgb\(|hsl\(", CSS.replace(tokens, ""))


def test_every_rule_stands_in_a_layer():
    depth, outside = 0, ""
    for character in re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL):
        depth += (character == "{") - (character == "}")
        outside += character if depth == 0 else ""

    first, *rest = [part.strip() for part in re.split(r"[;}]", outside) if part.strip()]
    assert first == "@layer reset, tokens, base, layout, components, utilities, print"
    assert all(re.fullmatch(r"@layer [a-z]+", part) for part in rest)


def test_no_rule_shouts_or_names_an_id():
    assert "!important" not in CSS
    assert not re.search(r"(^|[\s,>+~])#[a-z][\w-]*[^;{]*\{", CSS)


def test_every_class_is_used():
    """Those of footnotes come from the Markdown plugin, the dashed ones from a value."""
    rules = re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL)
    classes = set(re.findall(r"\.([a-z][a-z-]*[a-z0-9])(?![\w%])", rules))
    places = ("templates/**/*.html", "static/*.js", "notes/markdown.py")
    sources = "".join(
        path.read_text() for place in places for path in settings.BASE_DIR.glob(place)
    )

    unused = {
        name
        for name in classes - {"footnotes", "footnotes-list"}
        if not re.search(rf"(?<![\w-]){name}(?![\w-])", sources)
        and not name.startswith(("code--", "said--", "align-"))
    }

    assert unused == set()


def packed(path) -> int:
    return len(gzip.compress(path.read_bytes()))


def test_styles_and_scripts_stay_within_their_budgets():
    static = settings.BASE_DIR / "static"

    assert packed(static / "site.css") <= 10_000
    assert sum(packed(path) for path in static.glob("*.js")) <= 17_500


HTMX = 16_600
"""Packed octets of the htmx that django-htmx brings."""


def test_no_page_loads_more_than_25_kilobytes_of_scripts():
    templates = settings.BASE_DIR / "templates"
    for path in templates.rglob("*.html"):
        source = path.read_text()
        own = re.findall(r"static '([\w-]+\.js)'", source)
        htmx = HTMX if "htmx_script" in source else 0

        loaded = htmx + sum(packed(settings.BASE_DIR / "static" / name) for name in own)

        assert loaded <= 25_000, path.name


@pytest.mark.django_db
def test_the_first_page_stays_small(client):
    call_command("loadcontent", verbosity=0)

    response = client.get("/", headers={"accept-encoding": "gzip"})
    html = gzip.decompress(response.content).decode()

    loaded = re.findall(r'<(?:link|script|img)[^>]*(?:href|src)="([^"]+)"', html)
    assert len(loaded) + 1 <= 8
    assert all(url.startswith("/static/") for url in loaded)
    assert len(response.content) <= 8_000
