"""Local mode's secret key: made once, kept in the data folder."""

import os
import secrets
from pathlib import Path


def local_secret(path: Path) -> str:
    """The text in `path`; made with mode 0600 if the file does not exist yet."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        secret = secrets.token_urlsafe(50)
        file.write(secret)
    return secret
