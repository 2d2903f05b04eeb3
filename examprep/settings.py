"""All settings; the only place that reads the environment.

Without SITE_URL the site runs in local mode: loopback only, a secret made in DATA_DIR,
mail printed in the terminal. With it, it is a production site and needs SECRET_KEY.
"""

from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from .local_secret import local_secret

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- what the environment may say -------------------------------------------------
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "data"))).resolve()
CONTENT_DIR = Path(env.str("CONTENT_DIR", str(BASE_DIR / "content"))).resolve()
SITE_URL = env.str("SITE_URL", "").rstrip("/")
LOCAL_MODE = not SITE_URL
DEBUG = env.bool("DEBUG", False)
PORT = env.int("PORT", 8000)
SMTP_HOST = env.str("SMTP_HOST", "127.0.0.1")
SMTP_PORT = env.int("SMTP_PORT", 2525)
SUBMISSION_PORT = env.int("SUBMISSION_PORT", 2587)  # 0: not opened, as for the next
SMTPS_PORT = env.int("SMTPS_PORT", 2465)
SECOND_REVIEWER = env.bool("SECOND_REVIEWER", not LOCAL_MODE)
AUTHOR_EMAIL = env.str("AUTHOR_EMAIL", "")
AUTHOR_PASSWORD = env.str("AUTHOR_PASSWORD", "")
LOG_LEVEL = env.str("LOG_LEVEL", "WARNING" if LOCAL_MODE else "INFO")
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)

(DATA_DIR / "static").mkdir(parents=True, exist_ok=True)
SECRET_KEY = env.str("SECRET_KEY", "")
if not SECRET_KEY:
    if not LOCAL_MODE:
        raise ImproperlyConfigured(
            "SITE_URL is set, so this is a production site: set SECRET_KEY too "
            "(a long random text that stays secret)."
        )
    SECRET_KEY = local_secret(DATA_DIR / "secret_key")

if LOCAL_MODE:
    ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
else:
    site = urlsplit(SITE_URL)
    if not site.hostname or site.scheme != "https":
        raise ImproperlyConfigured(
            f"SITE_URL must look like https://exam.example, not {SITE_URL!r}."
        )
    ALLOWED_HOSTS = [site.hostname]
    CSRF_TRUSTED_ORIGINS = [SITE_URL]

# --- the site ---------------------------------------------------------------------
INSTALLED_APPS = [
    "accounts",
    "sandbox",
    "notes",
    "questions",
    "attempts",
    "progress",
    "examprep.admin_config.ExamPrepAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "examprep",
]

MIDDLEWARE = [
    "examprep.operations.ProbesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "examprep.headers.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.LearnerMiddleware",
    "attempts.closing_books.ClosedBooksMiddleware",
]

ROOT_URLCONF = "examprep.urls"
WSGI_APPLICATION = "examprep.wsgi.application"
ASGI_APPLICATION = "examprep.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "examprep.context.site",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# --- the sandbox ------------------------------------------------------------------
SANDBOX_OPEN = env.bool("SANDBOX_OPEN", True)  # off: nobody can connect
SANDBOX_CONNECTIONS = env.int("SANDBOX_CONNECTIONS", 200)
SANDBOX_CONNECTIONS_PER_ADDRESS = env.int("SANDBOX_CONNECTIONS_PER_ADDRESS", 10)
SANDBOX_NEW_PER_MINUTE = env.int("SANDBOX_NEW_PER_MINUTE", 30)  # from one address
SANDBOX_LOGIN_FAILURES = env.int("SANDBOX_LOGIN_FAILURES", 10)  # from one address, in 10 minutes
SANDBOX_SESSION_OCTETS = env.int("SANDBOX_SESSION_OCTETS", 8 * 1024 * 1024)
SANDBOX_SESSION_EVENTS = env.int("SANDBOX_SESSION_EVENTS", 10_000)
SANDBOX_CONTENT_RATE = env.int("SANDBOX_CONTENT_RATE", 500)  # octets a second, after 10 s
SANDBOX_LOG_OCTETS = env.int("SANDBOX_LOG_OCTETS", 500 * 1024 * 1024)
SANDBOX_STREAMS = env.int("SANDBOX_STREAMS", 6)  # that one learner may have open
SANDBOX_KEPT_HOURS = env.int("SANDBOX_KEPT_HOURS", 24)
SANDBOX_UNCLAIMED_MINUTES = env.int("SANDBOX_UNCLAIMED_MINUTES", 10)
try:  # whose word is taken on who connects
    SANDBOX_PROXIES = [ip_network(peer.strip()) for peer in env.list("SANDBOX_PROXIES", [])]
except ValueError as error:
    raise ImproperlyConfigured(f"SANDBOX_PROXIES: {error}") from None

if SMTP_HOST not in ("127.0.0.1", "::1") and not all(
    (
        SANDBOX_CONNECTIONS,
        SANDBOX_CONNECTIONS_PER_ADDRESS,
        SANDBOX_NEW_PER_MINUTE,
        SANDBOX_LOGIN_FAILURES,
        SANDBOX_SESSION_OCTETS,
        SANDBOX_SESSION_EVENTS,
        SANDBOX_LOG_OCTETS,
    )
):
    raise ImproperlyConfigured(
        f"SMTP_HOST={SMTP_HOST} lets others connect, so no cap of the sandbox may be 0."
    )

# --- data -------------------------------------------------------------------------
DATABASES = {
    "default": dj_database_url.parse(
        env.str("DATABASE_URL", f"sqlite:///{DATA_DIR / 'examprep.sqlite3'}")
    )
}
_database = DATABASES["default"]
_database["CONN_MAX_AGE"] = None
_database["CONN_HEALTH_CHECKS"] = "postgresql" in _database["ENGINE"]
if "sqlite3" in _database["ENGINE"]:
    # WAL lets readers go on beside the one writer; IMMEDIATE takes the write lock at the
    # start, so a transaction never fails half-way; FULL keeps an acknowledged answer
    # through a power cut (10 % slower than NORMAL). Large pages, and a log of 32 MB between
    # two checkpoints, spare the sandbox a third of the work on large messages. A database
    # keeps the page size that it was made with.
    _pragmas = {
        "page_size": 16_384,
        "journal_mode": "WAL",
        "wal_autocheckpoint": 2_000,  # pages
        "synchronous": "FULL",
        "foreign_keys": "ON",
        "temp_store": "MEMORY",
        "cache_size": -16_000,  # 16 MB of pages
    }
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "".join(f"PRAGMA {name}={value};" for name, value in _pragmas.items()),
    }
    _database["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30  # guests' attempts are kept as long

# --- people -----------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "progress"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_FORMS = {
    "login": "accounts.forms.LogInForm",
    "signup": "accounts.forms.SignUpForm",
    "reset_password": "accounts.forms.ForgottenPasswordForm",
    "add_email": "accounts.forms.NewAddressForm",
}
ACCOUNT_CHANGE_EMAIL = True  # one address per account; a new one counts once confirmed
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGOUT_REDIRECT_URL = "first_question"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_VERIFICATION = "optional" if LOCAL_MODE else "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = not LOCAL_MODE
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = not LOCAL_MODE
STAFF_NEED_MFA = not LOCAL_MODE

EMAIL_BACKEND = (
    "django.core.mail.backends.console.EmailBackend"
    if LOCAL_MODE
    else "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "ExamPrep <noreply@localhost>")

# --- language and time ------------------------------------------------------------
LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- static files -----------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- security ---------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # data: for the code picture of two-step login
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
        "report-uri": "/csp-report",
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "examprep.errors.csrf_failure"
if not LOCAL_MODE:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", True)
    SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", True)
    SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", True)
    if TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- logs -------------------------------------------------------------------------
_shared = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_shared,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.dev.ConsoleRenderer(colors=False)
            if LOCAL_MODE
            else structlog.processors.JSONRenderer(),
            "foreign_pre_chain": _shared,
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        # The request log above has each refused request already, with its context.
        "django.request": {"level": "ERROR"},
    },
}
