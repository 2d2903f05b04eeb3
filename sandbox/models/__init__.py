"""Rows of the sandbox: recorded sessions, learners' tokens, labs and their runs."""

from .labs import Lab, LabRun
from .sessions import SandboxEvent, SandboxSession
from .tokens import SandboxToken

__all__ = ["Lab", "LabRun", "SandboxEvent", "SandboxSession", "SandboxToken"]
