"""`runsandbox` with the log in memory: what the listener costs without a database."""

import os
from collections import deque

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "examprep.settings")
django.setup()

from django.core.management import call_command  # noqa: E402  (the settings have to stand first)

from sandbox.log import committing  # noqa: E402
from sandbox.log.storing import Group  # noqa: E402

GROUPS_KEPT = 50

kept: deque[Group] = deque(maxlen=GROUPS_KEPT)


def main() -> None:
    committing.store = kept.append
    call_command("runsandbox")


if __name__ == "__main__":
    main()
