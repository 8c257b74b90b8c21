"""Amazon's usage plans: the token buckets with which a seller and an application begin."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from entrepot.channel import Limit
from entrepot_amazon_sp.buckets import of_application


def _read() -> Mapping[str, Limit]:
    data = tomllib.loads(files(__package__).joinpath("data/rate_plans.toml").read_text("utf-8"))
    return {
        operation: Limit(plan["per_second"], plan["burst"], of_application(plan.get("application", {})))
        for operation, plan in data.items()
    }


PLANS = _read()
"""By operation of Amazon's. From the usage plans in Amazon's models."""
