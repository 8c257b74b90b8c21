"""A server that counts requests when they arrive, and judges that know nothing of our code."""

from itertools import accumulate, pairwise

EPSILON = 1e-6


class Server:
    """An exact bucket, kept as the instant at which it would be full again (the virtual scheduling of GCRA)."""

    def __init__(self, rate, burst):
        self.rate, self.burst = rate, burst
        self.arrivals, self.refused = [], []
        self._full_at = float("-inf")

    def arrive(self, seconds):
        """True where the request is let in. Its own clock is what it is told."""
        self.arrivals.append(seconds)
        full_at = max(self._full_at, seconds) + 1 / self.rate
        if full_at - seconds > self.burst / self.rate + EPSILON:
            self.refused.append(seconds)
            return False
        self._full_at = full_at
        return True


def overrun(sent, rate, burst):
    """By how many requests some window holds more than rate x its length + burst; 0 or less where none does.

    The worst window that ends at a request begins at the one where the line of what is allowed is highest above what
    was sent, so one pass finds it.
    """
    times = sorted(sent)
    excess = [number - rate * seconds for number, seconds in enumerate(times)]
    lowest = accumulate(excess, min)
    return max((here - low + 1 - burst for here, low in zip(excess, lowest, strict=True)), default=-burst)


def gaps(sent):
    return [later - earlier for earlier, later in pairwise(sorted(sent))]
