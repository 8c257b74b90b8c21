"""Plugins: what is installed, what plugins.toml enables of it, and why each is loaded or not.

A distribution offers a plugin by an entry point of the group `entrepot.plugins`. What is not enabled is not imported.
"""

from entrepot.plugins.codes import CODES
from entrepot.plugins.discovery import GROUP, Candidate, CandidateState
from entrepot.plugins.examine import Examination, examine, installed
from entrepot.plugins.load import Loaded, load
from entrepot.plugins.module import Observer
from entrepot.plugins.sources import RegisteredSource

__all__ = [
    "CODES",
    "GROUP",
    "Candidate",
    "CandidateState",
    "Examination",
    "Loaded",
    "Observer",
    "RegisteredSource",
    "examine",
    "installed",
    "load",
]
