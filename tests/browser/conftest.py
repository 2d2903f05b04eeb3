"""A real server and a real browser. A test fails on any console error, any violation of the
content security policy, any page error, and any request to another origin."""

import contextlib
import os
import shutil
import socket
import sqlite3
import threading
import time
from pathlib import Path

import pytest
import uvicorn
from django.contrib.contenttypes.models import ContentType
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.management import call_command
from django.db import connection
from playwright.sync_api import sync_playwright

from examprep.asgi import application

# Playwright's synchronous interface keeps an event loop running in the test's thread.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium") or ""
AXE = Path(__file__).parent / "axe-core-4.14.1" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


# Django's test handler for static files leaves a file to the garbage collector when the browser
# has gone before it was read.
UNREAD_FILE = (
    "ignore:Exception ignored in. <_io.FileIO name=.*/static/"
    ":pytest.PytestUnraisableExceptionWarning"
)


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings(UNREAD_FILE))
    if not CHROMIUM and not os.environ.get("CI"):
        reason = "Chromium is not installed (apt install chromium), so no browser test runs"
        for item in items:
            if item.path.is_relative_to(Path(__file__).parent):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM:
        pytest.fail("CI is set, so the browser tests must run: install Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def loaded():
    """A copy of the database with the content that is shipped; empty until a test needs it."""
    with contextlib.closing(sqlite3.connect(":memory:", check_same_thread=False)) as copy:
        yield copy


@pytest.fixture
def bank(transactional_db, loaded):
    """The content that is shipped: loaded once, put back for each further test."""
    connection.ensure_connection()
    if loaded.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        loaded.backup(connection.connection)
        ContentType.objects.clear_cache()
    else:
        call_command("loadcontent", verbosity=0)
        connection.connection.backup(loaded)


@pytest.fixture
def site(transactional_db):
    """The address of the whole application, pages and live streams, on a port of its own."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            ASGIStaticFilesHandler(application),
            lifespan="off",
            log_level="error",
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.started
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(5)
    listener.close()
    assert not thread.is_alive()


class Visit:
    """One browser context whose every complaint is collected."""

    def __init__(self, browser, site, **options):
        self.site = site
        self.complaints = []
        self.context = browser.new_context(base_url=site, **options)
        self.context.add_init_script(path=AXE)
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("request", self._requested)

    def _heard(self, message):
        if message.type == "error" or "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def _requested(self, request):
        if not request.url.startswith((self.site, "data:", "about:blank")):
            self.complaints.append(f"request to another origin: {request.url}")

    def forgive(self, text):
        """Takes out a complaint that the test provoked on purpose."""
        found = [complaint for complaint in self.complaints if text in complaint]
        assert found, f"nothing complained about {text!r}"
        self.complaints = [c for c in self.complaints if c not in found]

    def stop_clock(self):
        """From here on the page's time moves only when the test moves it."""
        now = time.time()
        self.page.clock.install(time=now)
        self.page.clock.pause_at(now + 1)

    def axe(self):
        """Accessibility violations of the page as it stands, as readable lines."""
        found = self.page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", AXE_TAGS
        )
        return [
            f"{v['id']}: {v['help']}: {n['target']}"
            for v in found["violations"]
            for n in v["nodes"]
        ]

    def close(self):
        # A context that is closed while one of its pages still loads may never end.
        for page in self.context.pages:
            page.goto("about:blank")
        self.context.close()
        assert self.complaints == []


@pytest.fixture
def visit(browser, site):
    visits = []

    def open_visit(**options):
        visits.append(Visit(browser, site, **options))
        return visits[-1]

    yield open_visit
    for visit in visits:
        visit.close()
