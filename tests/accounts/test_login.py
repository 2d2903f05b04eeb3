import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, hotp_value
from allauth.mfa.webauthn.views import login_webauthn
from django.urls import reverse

from accounts.models import Learner, User
from tests.factories import AttemptFactory, LearnerFactory

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse 7"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def robin():
    user = User.objects.create_user("robin@learn.example", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def author():
    user = User.objects.create_superuser("author@learn.example", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def confirmation_by_code(settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True


def text_of(response):
    return " ".join(response.content.decode().split())


def log_in(client, email="robin@learn.example", password=PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def sign_up(client, email):
    return client.post(
        reverse("account_signup"), {"email": email, "password1": PASSWORD, "password2": PASSWORD}
    )


def code_now():
    return f"{hotp_value(SECRET, int(time.time()) // 30):06d}"


# Who may see what


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("account_login", "Log in"),
        ("account_signup", "Sign up"),
        ("account_reset_password", "Forgotten password"),
        ("account_reset_password_done", "A mail is on its way"),
        ("account_reset_password_from_key_done", "Your password is changed"),
        ("account_email_verification_sent", "Confirm your e-mail address first"),
        ("account_inactive", "This account is closed"),
    ],
)
def test_page_is_open_to_strangers_in_our_frame(client, name, heading):
    page = text_of(client.get(reverse(name)))

    assert f"<h1>{heading}</h1>" in page
    assert f"<title>{heading} – ExamPrep" in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize(
    ("name", "args"),
    [("account_confirm_email", ["bad-key"]), ("account_reset_password_from_key", ["x", "bad-key"])],
)
def test_worn_out_link_is_explained_to_strangers(client, name, args):
    page = text_of(client.get(reverse(name, args=args)))

    assert re.search(r"This link (is too old|no longer works)", page)


def test_passkey_login_is_open_to_strangers():
    assert login_webauthn.login_required is False


@pytest.mark.parametrize("name", ["account_email", "account_change_password", "mfa_index"])
def test_page_of_an_account_sends_strangers_to_the_login(client, name):
    path = reverse(name)

    response = client.get(path)

    assert response.url == f"{reverse('account_login')}?next={path}"


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("account_email", "Your e-mail address"),
        ("account_change_password", "Change your password"),
        ("account_logout", "Log out"),
        ("mfa_index", "Two-step login"),
    ],
)
def test_page_of_an_account_is_in_our_frame(client, robin, name, heading):
    client.force_login(robin)

    page = text_of(client.get(reverse(name)))

    assert f"<h1>{heading}</h1>" in page
    assert f"<title>{heading} – ExamPrep" in page


# What the pages say


@pytest.mark.parametrize("name", ["account_login", "account_signup"])
def test_page_says_what_an_account_is_for(client, name):
    page = text_of(client.get(reverse(name)))

    assert "An account keeps your answers on every device" in page
    assert "what you answered here as a guest comes with you" in page


@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_reset_password",
        "account_reset_password_done",
        "account_email_verification_sent",
    ],
)
def test_page_that_sends_mail_says_where_it_goes_in_local_mode_only(client, settings, name):
    in_local_mode = text_of(client.get(reverse(name)))
    settings.LOCAL_MODE = False
    in_production = text_of(client.get(reverse(name)))

    assert "printed in the terminal where it was started" in in_local_mode
    assert "terminal" not in in_production


def test_login_form_has_labels_instead_of_placeholders(client):
    page = text_of(client.get(reverse("account_login")))

    assert '<label for="id_login">' in page
    assert '<label for="id_password">Password</label>' in page
    assert "Stay logged in on this device" in page
    assert "placeholder" not in page


def test_refused_login_says_so_in_title_and_summary(client, robin):
    page = text_of(log_in(client, password="wrong horse"))

    assert "<title>Error: Log in" in page
    assert 'id="errors"' in page
    assert "email address and/or password you specified are not correct" in page


def test_mail_of_the_site_is_signed_with_its_name(client, mailoutbox):
    sign_up(client, "robin@learn.example")

    (mail,) = mailoutbox
    assert "ExamPrep: e-mail protocols, testserver" in mail.body
    assert "!" not in mail.body


# Login


def test_login_takes_the_address_in_any_case(client, robin):
    response = log_in(client, email="Robin@Learn.EXAMPLE")

    assert response.url == reverse("progress")
    assert client.session["_auth_user_id"] == str(robin.pk)


def test_sixth_try_within_five_minutes_is_refused_even_if_right(client, robin):
    for _ in range(5):
        log_in(client, password="wrong horse")

    page = text_of(log_in(client))

    assert "Too many failed login attempts" in page
    assert "_auth_user_id" not in client.session


def test_many_sign_ups_from_one_place_meet_our_own_page(client):
    for _ in range(20):
        client.post(reverse("account_signup"), {})

    response = client.post(reverse("account_signup"), {})

    assert response.status_code == 429
    assert "<h1>Too many tries</h1>" in text_of(response)


def test_sign_up_does_not_tell_who_has_an_account(client, robin, confirmation_by_code, mailoutbox):
    taken = sign_up(client, "robin@learn.example")
    client.post(reverse("account_logout"))
    free = sign_up(client, "casey@learn.example")

    assert taken.status_code == free.status_code == 302
    assert taken.url == free.url == reverse("account_email_verification_sent")
    assert User.objects.filter(email="robin@learn.example").count() == 1
    assert "already exists" in mailoutbox[0].body


def test_sign_up_with_a_taken_address_makes_no_second_account(client, robin):
    page = text_of(sign_up(client, "Robin@learn.example"))

    assert "<title>Error: Sign up" in page
    assert '<a href="#id_email">E-mail address</a>' in page
    assert User.objects.get() == robin


def test_forgotten_password_does_not_tell_who_has_an_account(client, robin):
    known = client.post(reverse("account_reset_password"), {"email": robin.email})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@learn.example"})

    assert known.url == unknown.url == reverse("account_reset_password_done")


def test_forgotten_password_is_replaced_through_the_mailed_link(client, robin, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": robin.email})
    (link,) = re.findall(r"http://testserver(\S+)", mailoutbox[0].body)

    form = client.get(link, follow=True)
    client.post(
        form.redirect_chain[-1][0], {"password1": "another horse 8", "password2": "another horse 8"}
    )

    assert "<h1>Choose a new password</h1>" in text_of(form)
    robin.refresh_from_db()
    assert robin.check_password("another horse 8")


# Another address


def change_address(client, email):
    """Asks for it, and gives the password when the site asks for it."""
    form = {"email": email, "action_add": ""}
    asked = client.post(reverse("account_email"), form)
    if asked.status_code == 302 and asked.url.startswith(reverse("account_reauthenticate")):
        return client.post(asked.url, {"password": PASSWORD, "next": reverse("account_email")})
    return asked


def test_new_address_counts_once_it_is_confirmed(client, robin, mailoutbox):
    log_in(client)

    change_address(client, "casey@learn.example")

    page = text_of(client.get(reverse("account_email")))
    robin.refresh_from_db()
    assert robin.email == "robin@learn.example"
    assert "<dt>In use</dt><dd>robin@learn.example</dd>" in page
    assert "<dt>Changing to</dt> <dd>casey@learn.example" in page
    (link,) = re.findall(r"http://testserver(\S+)", mailoutbox[-1].body)
    client.post(link)
    robin.refresh_from_db()
    assert robin.email == "casey@learn.example"


def test_new_address_counts_once_its_code_is_given(client, robin, confirmation_by_code, mailoutbox):
    log_in(client)

    change_address(client, "casey@learn.example")

    robin.refresh_from_db()
    assert robin.email == "robin@learn.example"
    (code,) = re.findall(r"^[A-Z0-9]{3,}-?[A-Z0-9]{3,}$", mailoutbox[-1].body, re.MULTILINE)
    client.post(reverse("account_email_verification_sent"), {"code": code})
    robin.refresh_from_db()
    assert robin.email == "casey@learn.example"


def test_new_address_counts_at_once_where_the_old_was_never_confirmed(client, robin):
    EmailAddress.objects.update(verified=False)
    log_in(client)

    change_address(client, "casey@learn.example")

    robin.refresh_from_db()
    assert robin.email == "casey@learn.example"
    assert list(EmailAddress.objects.values_list("email", "primary", "verified")) == [
        ("casey@learn.example", True, False)
    ]
    assert "<dt>In use</dt> <dd>casey@learn.example" in text_of(
        client.get(reverse("account_email"))
    )


@pytest.mark.parametrize("confirmed", [True, False])
def test_address_of_another_account_is_refused(client, robin, mailoutbox, confirmed):
    User.objects.create_user("casey@learn.example", PASSWORD)
    EmailAddress.objects.update(verified=confirmed)
    log_in(client)

    page = text_of(change_address(client, "Casey@learn.example"))

    robin.refresh_from_db()
    assert "An account with this e-mail address exists already." in page
    assert robin.email == "robin@learn.example"
    assert mailoutbox == []


# The second step


@pytest.fixture
def robin_with_two_steps(robin):
    TOTP.activate(robin, SECRET)
    return robin


def test_password_alone_does_not_log_in_nor_claim(client, robin_with_two_steps):
    learner = LearnerFactory(user=robin_with_two_steps)
    client.post(reverse("settings"), {"theme": "auto", "time_zone": "Asia/Tokyo"})
    attempt = AttemptFactory(learner=Learner.objects.guests().get())

    half = log_in(client)

    assert half.url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    assert attempt in Learner.objects.guests().get().attempts.all()
    assert "<h1>The second step</h1>" in text_of(client.get(half.url))
    client.post(half.url, {"code": code_now()})
    assert learner.attempts.get() == attempt


def test_wrong_code_is_refused(client, robin_with_two_steps):
    half = log_in(client)

    page = text_of(client.post(half.url, {"code": "000000x"}))

    assert "<title>Error: The second step" in page
    assert "_auth_user_id" not in client.session


def test_security_key_is_asked_for_only_where_one_is_known(client, robin_with_two_steps):
    half = log_in(client)

    page = text_of(client.get(half.url))

    assert "security key" not in page
    assert "webauthn.js" not in page


def test_security_key_is_added_by_scripts_from_files_alone(client, robin):
    log_in(client)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    page = text_of(client.get(reverse("mfa_add_webauthn")))

    assert 'data-security-key="addForm" data-credential="id_credential"' in page
    assert re.search(r'<input type="hidden" name="credential"[^>]* id="id_credential">', page)
    scripts = re.findall(r"<script[^>]*>", page)
    assert len(scripts) == 4
    assert all("src=" in tag or 'type="application/json"' in tag for tag in scripts)


# Authors


def test_author_without_second_step_is_sent_to_set_one_up(client, settings, author):
    settings.STAFF_NEED_MFA = True
    client.force_login(author)

    response = client.get(reverse("admin:index"))

    assert response.url == reverse("mfa_index")
    assert "set up the second one first" in text_of(client.get(response.url))


def test_author_with_second_step_may_write(client, settings, author):
    settings.STAFF_NEED_MFA = True
    TOTP.activate(author, SECRET)
    client.force_login(author)

    assert "The bank" in text_of(client.get(reverse("admin:index")))


def test_recovery_codes_alone_are_no_second_step(client, settings, author):
    settings.STAFF_NEED_MFA = True
    Authenticator.objects.create(
        user=author, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x", "used_mask": 0}
    )
    client.force_login(author)

    assert client.get(reverse("admin:index")).url == reverse("mfa_index")


def test_author_in_local_mode_needs_no_second_step(client, author):
    client.force_login(author)

    assert "The bank" in text_of(client.get(reverse("admin:index")))


def test_authors_pages_send_strangers_to_the_sites_own_login(client):
    to_admin_login = client.get(reverse("admin:index"))
    response = client.get(to_admin_login.url)

    assert response.url.startswith(reverse("account_login"))


def test_learner_is_refused_at_the_authors_pages(client, robin):
    client.force_login(robin)

    response = client.get(reverse("admin:index"), follow=True)

    assert response.status_code == 403
    assert "Not allowed" in text_of(response)
