"""Amazon in memory: a seller's account behind the words, rules and limits of the Selling Partner API.

Written from Amazon's documents and models. What they leave open is marked as a guess where it is decided.
"""

from entrepot_amazon_sp.simulator.double import AmazonDouble
from entrepot_amazon_sp.simulator.notifications.queues import queues_at
from entrepot_amazon_sp.simulator.several import simulate_sellers

__all__ = ["AmazonDouble", "queues_at", "simulate_sellers"]
