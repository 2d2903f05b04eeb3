"""Rules of the house that no linter knows: import order, purity, names, templates, content."""

import ast
import hashlib
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import CheckConstraint, UniqueConstraint
from django.urls import URLPattern, URLResolver, get_resolver

from questions.checking import check_bank
from questions.kinds import KINDS
from questions.reading import read_bank
from sandbox.smtp import RULES

ROOT = settings.BASE_DIR
ROOMS = ["accounts", "sandbox", "notes", "questions", "attempts", "progress", "examprep"]
PURE = [
    "sandbox/annotating",
    "sandbox/dialogues.py",
    "sandbox/labs/checking.py",
    "sandbox/labs/grading.py",
    "sandbox/labs/hearing.py",
    "sandbox/labs/lab.py",
    "sandbox/labs/matching.py",
    "sandbox/labs/reading.py",
    "sandbox/labs/rehearsing.py",
    "sandbox/labs/serving.py",
    "sandbox/log/logbook.py",
    "sandbox/log/telling.py",
    "sandbox/login_answers.py",
    "sandbox/programs.py",
    "sandbox/proving.py",
    "sandbox/smtp",
    "sandbox/spelling.py",
    "sandbox/tables.py",
    "sandbox/transcribing.py",
    "sandbox/viewing/base64_lines.py",
    "sandbox/viewing/messages.py",
    "sandbox/viewing/status_codes.py",
    "sandbox/watching.py",
    "notes/markdown.py",
    "questions/items.py",
    "questions/kinds",
    "questions/linting.py",
    "questions/reading.py",
    "questions/reading_exams.py",
    "attempts/drawing/choosing.py",
    "attempts/practice/weakness.py",
    "attempts/results/charting.py",
    "attempts/results/wording.py",
    "attempts/sitting/navigating.py",
    "attempts/timing.py",
]
DRAWERS = {"utils", "helpers", "services", "selectors", "managers", "common", "misc", "constants"}


def modules(*places: str) -> list[Path]:
    found = []
    for place in places:
        path = ROOT / place
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return [path for path in found if "migrations" not in path.parts]


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_rooms_above_it(room):
    below = set(ROOMS[ROOMS.index(room) + 1 :])

    for path in modules(room):
        reached = {name.split(".")[0] for name in imported(path)}
        assert not reached & below, f"{path.relative_to(ROOT)} imports {reached & below}"


def test_pure_modules_import_no_django():
    for path in modules(*PURE):
        reached = {name.split(".")[0] for name in imported(path)}
        assert "django" not in reached, path.relative_to(ROOT)


def test_the_tree_cannot_send_mail_to_other_hosts():
    """The sandbox never relays: no SMTP client and no client connection anywhere."""
    for path in modules(*ROOMS):
        assert "smtplib" not in imported(path), path.relative_to(ROOT)
        source = path.read_text()
        for call in ("create_connection(", "open_connection(", ".connect(("):
            assert call not in source, f"{path.relative_to(ROOT)}: {call}"


def test_no_module_is_a_drawer():
    assert [path for path in modules(*ROOMS) if path.stem in DRAWERS] == []


def test_modules_and_templates_stay_small():
    long = [path for path in modules(*ROOMS) if len(path.read_text().splitlines()) > 400]
    wide = [p for p in templates() if len((ROOT / "templates" / p).read_text().splitlines()) > 90]

    assert (long, wide) == ([], [])


def test_every_constraint_is_named_after_its_model():
    for model in apps.get_models():
        if model._meta.app_label not in ROOMS:
            continue
        for constraint in model._meta.constraints:
            assert isinstance(constraint, CheckConstraint | UniqueConstraint)
            assert constraint.name.startswith(f"{model._meta.model_name}_"), constraint.name


def templates() -> list[str]:
    folder = ROOT / "templates"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html"))


def test_every_template_is_used():
    sources = [path.read_text() for path in modules(*ROOMS)]
    sources += [(ROOT / "templates" / name).read_text() for name in templates()]
    sources += [kind.template for kind in KINDS.values()]
    overrides = ("account/", "mfa/", "allauth/", "admin/", "429.html", "500.html")

    unused = [
        name
        for name in templates()
        if not name.startswith(overrides) and not any(name in source for source in sources)
    ]

    assert unused == []


@pytest.mark.parametrize("name", templates())
def test_templates_hold_nothing_inline_and_trust_nothing(name):
    source = (ROOT / "templates" / name).read_text()

    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", source)
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    assert not re.search(r"(?<!data-)\bhx-[a-z]+=", source)
    assert not re.search(r"hx-on|js:|hx-disabled-elt|autofocus", source)
    if "|safe" in source or "mark_safe" in source:
        assert name == "notes/note.html"
        assert source.count("|safe") == source.count("note.html|safe") == 1
    for form in re.findall(r"<form\b.*?</form>", source, re.DOTALL):
        if 'method="post"' in form:
            assert "csrf_token" in form


def test_only_templates_mark_html_as_safe():
    for path in modules(*ROOMS):
        assert "mark_safe" not in path.read_text(), path.relative_to(ROOT)


def test_url_names_are_view_names():
    for pattern in get_resolver().url_patterns:
        if isinstance(pattern, URLPattern):
            assert pattern.name == pattern.callback.__name__
        else:
            assert isinstance(pattern, URLResolver)


def test_every_view_of_ours_says_whom_it_serves():
    """Public views carry @login_not_required; what does not is behind the login."""
    behind_login = {"revision_preview"}
    for pattern in get_resolver().url_patterns:
        if isinstance(pattern, URLPattern):
            public = not getattr(pattern.callback, "login_required", True)
            assert public is (pattern.name not in behind_login), pattern.name


def test_the_shipped_bank_holds_what_it_promises():
    bank = read_bank(settings.CONTENT_DIR)
    check_bank(bank)

    assert [str(problem) for problem in bank.problems] == []


def test_rules_lead_to_notes_that_exist():
    slugs = {path.stem for path in (settings.CONTENT_DIR / "notes").glob("*.md")}

    assert {rule.note.partition("#")[0] for rule in RULES.values() if rule.note} <= slugs


def test_vendored_files_are_what_they_say():
    vendored = sorted(ROOT.glob("tests/**/VENDOR.toml")) + sorted(
        ROOT.glob("static/**/VENDOR.toml")
    )
    for record in vendored:
        (code,) = record.parent.glob("*.js")
        expected = tomllib.loads(record.read_text())["sha256"]
        assert hashlib.sha256(code.read_bytes()).hexdigest() == expected

    assert len(vendored) == 1


def test_requirements_are_hashed_and_name_no_index():
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        pins = re.findall(r"^[a-z0-9][^ ]*==[^ ]+", text, re.MULTILINE)
        assert len(pins) > 20
        assert not re.search(r"://|--index-url|--find-links", text)
        assert len(re.findall(r"^ +--hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)) >= len(pins)
