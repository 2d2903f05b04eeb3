"""Makes an installation ready to serve: tables, content, static files, first author.

Each step does nothing when nothing has changed, so a second start is quick.
"""

import hashlib
import io
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.authoring import ensure_author
from questions.seating import has_seats, seat_all

STAMP = "digest"


def prepare() -> list[str]:
    """Sentences about what was done; empty if everything was there."""
    done = []
    if migrations_are_waiting():
        call_command("migrate", verbosity=0)
        done.append("The database is set up.")
    output = io.StringIO()
    call_command("loadcontent", if_changed=True, stdout=output)
    done += output.getvalue().splitlines()
    if not has_seats():
        seat_all()
    if collect_static():
        done.append("Static files are collected.")
    if settings.AUTHOR_EMAIL and ensure_author(settings.AUTHOR_EMAIL, settings.AUTHOR_PASSWORD):
        done.append(f"The author {settings.AUTHOR_EMAIL} can log in.")
    return done


def migrations_are_waiting() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def collect_static() -> bool:
    stamp = settings.STATIC_ROOT / STAMP
    digest = _static_digest()
    if stamp.exists() and stamp.read_text() == digest:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(digest)
    return True


def _static_digest() -> str:
    """Our own files by content; those of packages by the locked requirements."""
    digest = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    for folder in settings.STATICFILES_DIRS:
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()
