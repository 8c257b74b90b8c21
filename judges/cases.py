"""The static cases of Amazon's sandbox, asked by each client over HTTP, answered from Amazon's own models."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from attrs import Factory, define

from connectors.amazon_sp.tests.sandbox_judge import (
    MODELS,
    NOTHING,
    Case,
    Published,
    arguments,
    fault_of_the_model,
    published,
)
from entrepot_amazon_sp.catalog import find
from judges import clients
from judges.sandbox import Tolerant
from judges.serving import served
from judges.verdict import fault, reach


@define
class Tally:
    """`surplus`: passed cases whose request held what Amazon's model does not declare."""

    passed: int = 0
    surplus: int = 0
    failed: Counter[str] = Factory(Counter)
    not_covered: Counter[str] = Factory(Counter)
    examples: dict[str, str] = Factory(dict)

    @property
    def run(self) -> int:
        return self.passed + self.failed.total()


def judge_cases() -> None:
    if not MODELS.exists():
        print(f"Static sandbox cases: Amazon's models are not in {MODELS}")
        return
    operations = published()
    judged = [(operation, case) for operation in operations for case in operation.cases]
    judged = [each for each in judged if not fault_of_the_model(*each)]
    print(f"Static cases of Amazon's sandbox: {len(judged)}, over HTTP, each client in its own process")
    sandbox = Tolerant(operations)
    with served(sandbox) as url:
        for client in clients.ALL:
            if client.python.exists():
                _print(client, judge(client, url, sandbox, judged))


def judge(client: clients.Client, url: str, sandbox: Tolerant, judged: list[tuple[Published, Case]]) -> Tally:
    tally = Tally()
    with client.driven(url) as driven:
        for operation, case in judged:
            _count(tally, operation, case, list(_outcomes(driven, sandbox, operation, case)))
    return tally


def _outcomes(
    driven: clients.Driven, sandbox: Tolerant, operation: Published, case: Case
) -> Iterator[tuple[str, bool]]:
    """Why each way failed, until one does not; an empty reason is a pass. None where nothing fits."""
    asked, way, ways = _asked(operation, case), 0, 1
    while way < ways:
        told = driven.ask(asked | {"way": way})
        way, ways = way + 1, told["ways"]
        if "not_covered" in told:
            yield f"not covered: {told['not_covered']}", False
            continue
        reason = fault(case, told, recognized=sandbox.recognized)
        yield reason, sandbox.surplus
        if not reason:
            return


def _count(tally: Tally, operation: Published, case: Case, outcomes: list[tuple[str, bool]]) -> None:
    reason, surplus = outcomes[-1]
    if not reason:
        tally.passed += 1
        tally.surplus += surplus
        return
    tried = [each for each, _ in outcomes if not each.startswith("not covered: ")]
    if not tried:
        tally.not_covered[reason.removeprefix("not covered: ")] += 1
        return
    furthest = max(tried, key=reach)
    tally.failed[furthest] += 1
    tally.examples.setdefault(furthest, f"{operation.model}.{operation.operation['operationId']} {case.status}")


def _asked(operation: Published, case: Case) -> dict[str, Any]:
    given = arguments(operation, case)
    name = f"{operation.model}.{operation.operation['operationId']}"
    asked = {
        "operation": name,
        "method": operation.method.upper(),
        "path": operation.url,
        "arguments": {each: value for each, value in given.items() if each != "body"},
        "places": {each: parameter["in"] for each, parameter in operation.declared.items()},
        "grantless": find(name).grantless,
    }
    return asked | ({"body": given["body"]} if given.get("body", NOTHING) is not NOTHING else {})


def _print(client: clients.Client, tally: Tally) -> None:
    print(f"  {client.distribution} {client.version}")
    print(f"    {tally.run:>4} run, {tally.passed} passed, {tally.failed.total()} failed; ", end="")
    print(f"{tally.surplus} passed with parameters or fields that the model does not declare")
    for reason, count in tally.failed.most_common():
        print(f"    {count:>4} failed: {reason} (as {tally.examples[reason]})")
    for reason, count in tally.not_covered.most_common():
        print(f"    {count:>4} not covered: {reason}")
