"""The sandbox in a browser: the console, sessions shared, followed live, and without a script."""

import asyncio
import re
import smtplib
import socket
import threading

import pytest

from sandbox.listening import listener
from sandbox.listening.doors import MAIN
from sandbox.models import SandboxSession, SandboxToken

LETTER = "From: casey@lab.example\nSubject: Tea\n\nAt four."


@pytest.fixture
def smtp(site):
    """A listener of its own beside the site, in the same process; yields its port."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    running = asyncio.run_coroutine_threadsafe(listener.start({MAIN: bound}), loop).result(10)
    yield bound.getsockname()[1]
    asyncio.run_coroutine_threadsafe(running.close(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()
    bound.close()
    loop.close()


def open_console(page):
    page.goto("/sandbox/")
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/sandbox/sessions/**")


def say(page, line):
    before = page.locator(".said--client").count()
    page.get_by_label("SMTP command").fill(line)
    page.keyboard.press("Enter")
    page.wait_for_function("n => document.querySelectorAll('.said--client').length > n", arg=before)


def codes(page):
    return [code.strip() for code in page.locator("#log .code").all_inner_texts()]


def test_console_encrypts_logs_in_and_sends(visit):
    visitor = visit()
    page = visitor.page
    open_console(page)

    say(page, "STARTTLS")
    say(page, "EHLO laptop.example")
    page.get_by_role("button", name=re.compile("^AUTH PLAIN")).click()
    page.get_by_text("Logged in as casey@lab.example with PLAIN").wait_for()
    say(page, "MAIL FROM:<casey@lab.example>")
    say(page, "RCPT TO:<robin@lab.example>")
    say(page, "DATA")
    page.get_by_label("Your message").fill(LETTER)
    assert visitor.axe() == []
    page.get_by_role("button", name="Send message").click()

    page.get_by_role("heading", name="Tea", exact=True).wait_for()
    assert codes(page) == ["220", "250", "220", "250", "235", "250", "250", "354", "250"]
    rail = [item.inner_text() for item in page.locator(".rail .done, .rail .here").all()]
    assert rail[2].startswith("TLS 1.")
    assert rail[-1] == "accepted"
    assert page.evaluate("document.activeElement.id") == "id_line"
    assert visitor.axe() == []

    say(page, "QUIT")
    page.get_by_role("heading", name="What this session shows").wait_for()
    assert page.get_by_text("EHLO twice.").is_visible()
    assert visitor.axe() == []


def test_enhanced_code_says_its_meaning_by_keyboard(visit):
    visitor = visit()
    page = visitor.page
    open_console(page)
    say(page, "RCPT TO:<robin@lab.example>")

    page.get_by_role("button", name="5.5.1").focus()
    page.keyboard.press("Enter")

    page.get_by_text("failed for good · the protocol").wait_for()
    assert visitor.axe() == []
    page.keyboard.press("Escape")
    page.get_by_text("failed for good · the protocol").wait_for(state="hidden")


def test_one_write_is_shown_to_be_early(visit):
    page = visit().page
    open_console(page)
    page.get_by_text("Send more than a line").click()
    page.get_by_label("Several lines").fill("NOOP\nNOOP")
    page.get_by_text("As one write").click()

    page.get_by_role("button", name="Send the lines").click()

    page.get_by_text("sent early").first.wait_for()
    assert codes(page)[-2:] == ["250", "554"]


def test_end_in_one_tab_is_the_end_in_the_other(visit):
    visitor = visit()
    page = visitor.page
    open_console(page)
    say(page, "NONSENSE")
    other = visitor.context.new_page()
    other.goto(page.url)

    say(page, "QUIT")

    other.get_by_text("This session has ended.").wait_for()
    assert other.get_by_label("SMTP command").count() == 0
    page.get_by_role("heading", name="What this session shows").wait_for()
    assert page.evaluate("document.activeElement.id") == "ended"
    other.close()


def test_session_is_kept_shared_and_the_link_revoked(visit):
    visitor = visit()
    page = visitor.page
    open_console(page)
    page.get_by_role("button", name="Keep it").click()
    page.get_by_text("Kept until you let it go.").wait_for()
    page.get_by_role("button", name="Make a link to share").click()
    link = page.locator("#share-link").inner_text()
    assert visitor.axe() == []

    guest = visit()
    guest.page.goto(link)
    guest.page.locator(".live").wait_for()
    assert guest.page.get_by_label("SMTP command").count() == 0
    assert guest.axe() == []
    say(page, "VRFY robin")
    guest.page.get_by_text("VRFY robin").wait_for()
    assert codes(guest.page) == ["220", "250", "252"]

    page.get_by_role("button", name="Stop sharing").click()
    page.get_by_role("button", name="Make a link to share").wait_for()
    # The page that followed looks again and finds nothing.
    guest.page.get_by_role("heading", name="There is nothing here").wait_for()
    guest.forgive("404")


def test_session_is_deleted_after_a_question(visit):
    visitor = visit()
    page = visitor.page
    open_console(page)
    page.get_by_role("link", name="Delete").click()
    assert visitor.axe() == []

    page.get_by_role("button", name="Delete the session").click()

    page.get_by_text("The session is deleted.").wait_for()
    assert visitor.axe() == []
    assert not SandboxSession.objects.exists()


def test_session_of_a_program_is_followed_to_its_message(visit, smtp):
    visitor = visit()
    page = visitor.page
    page.goto("/sandbox/")
    page.locator(".live").first.wait_for()

    with smtplib.SMTP("127.0.0.1", smtp, timeout=10) as client:
        client.ehlo("laptop.example")
        page.get_by_role("link", name="a mail program").click()
        page.get_by_text("ehlo laptop.example").wait_for()
        page.locator(".live").first.wait_for()
        client.sendmail("casey@lab.example", "robin@lab.example", LETTER)
        page.get_by_role("heading", name="Tea", exact=True).wait_for()

    page.get_by_role("heading", name="What this session shows").wait_for()
    page.reload()
    numbers = [item.get_attribute("id") for item in page.locator(".said").all()]
    assert len(numbers) == len(set(numbers))
    assert page.locator(".said--server").count() == 7
    assert visitor.axe() == []


def test_session_claimed_by_a_token_stays_in_sight_of_its_owner(visit, smtp):
    page = visit().page
    page.goto("/sandbox/")
    page.get_by_role("button", name="Make my token").click()
    page.get_by_text("Your token is").wait_for()
    page.locator(".live").first.wait_for()
    token = SandboxToken.objects.get().value

    with smtplib.SMTP("127.0.0.1", smtp, f"{token}.sandbox.test", timeout=10) as client:
        client.sendmail("casey@lab.example", "robin@lab.example", LETTER)
        page.locator("#now").get_by_text("Subject: Tea").wait_for()

    page.locator("#now").get_by_text("A proper goodbye.").wait_for()
    assert page.locator("#now .said--server").count() == 7


def test_console_works_without_a_script(visit):
    visitor = visit(java_script_enabled=False)
    page = visitor.page
    open_console(page)
    for line in ("MAIL FROM:<casey@lab.example>", "RCPT TO:<robin@lab.example>", "DATA"):
        page.get_by_label("SMTP command").fill(line)
        page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_label("Your message").fill(LETTER)
    page.get_by_role("button", name="Send message").click()
    page.get_by_label("SMTP command").fill("QUIT")
    page.get_by_role("button", name="Send", exact=True).click()

    assert codes(page) == ["220", "250", "250", "250", "354", "250", "221"]
    assert page.get_by_role("heading", name="Tea", exact=True).is_visible()
    assert page.get_by_role("heading", name="What this session shows").is_visible()


def test_token_comes_into_the_lines_to_copy(visit):
    visitor = visit()
    page = visitor.page
    page.goto("/sandbox/")
    page.get_by_role("button", name="Make my token").click()

    page.get_by_text("Your token is").wait_for()
    assert re.search(
        r"--ehlo [a-z0-9]{16}\.sandbox\.test", page.locator("#swaks-line").inner_text()
    )
    assert visitor.axe() == []


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("look", [{"color_scheme": "dark"}, {"forced_colors": "active"}])
def test_session_page_fits_and_is_accessible(visit, look, width):
    visitor = visit(**look, viewport={"width": width, "height": 900})
    page = visitor.page
    open_console(page)
    page.get_by_text("Another server").count()
    assert visitor.axe() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto("/sandbox/")
    page.get_by_text("Another server, another port").click()
    assert visitor.axe() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
