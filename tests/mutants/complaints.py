"""What users of other connectors complain about and cannot happen here: each with a test, and a mutant that it catches.

The numbers are those of docs/reference/requirements.md.
"""

from tests.mutants.closed.access import ACCESS
from tests.mutants.closed.environment import ENVIRONMENT
from tests.mutants.closed.offers import OFFERS
from tests.mutants.closed.orders import ORDERS

COMPLAINTS = [*ACCESS, *ORDERS, *OFFERS, *ENVIRONMENT]
