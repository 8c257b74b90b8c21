"""`doctor`: proves everything that a first sync needs, and names what does not fit with what to do about it."""

from entrepot.cli.doctor.command import doctor
from entrepot.cli.doctor.finding import CODES

__all__ = ["CODES", "doctor"]
