"""The site's own settings with the floor program's addresses."""

from examprep.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.floor"
