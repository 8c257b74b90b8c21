"""`make judges`: other people's clients and ours before the same judges. It prints counts, and promises nothing."""

import argparse
import logging
from collections.abc import Callable

import structlog

from judges.cases import judge_cases
from judges.day import judge_day
from judges.retries import judge_retries
from judges.schemas import judge_schemas

MEASURES: dict[str, Callable[[], None]] = {
    "cases": judge_cases,
    "retries": judge_retries,
    "day": judge_day,
    "schemas": judge_schemas,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m judges")
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=", ".join(MEASURES))
    chosen = parser.parse_args().measures or list(MEASURES)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    for name in chosen:
        MEASURES[name]()


if __name__ == "__main__":
    main()
