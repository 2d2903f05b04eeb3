"""The server of a lab as the engine is told of it: its users, and what it remembers of the run's
earlier sessions. Pure."""

from dataclasses import replace

from .hearing import Recording
from .labs import LabServer
from .smtp import Facts


def facts_for(server: LabServer, facts: Facts, earlier: Recording) -> Facts:
    """`facts` as for any session, `started` by the run's own clock."""
    directory = facts.directory
    users = directory.users | frozenset(server.users)
    return replace(facts, directory=replace(directory, users=users))
