"""What ends a simulated run, or a simulated process."""


class SimulationError(Exception):
    """The run cannot go on; raised out of `run`, where no task can swallow it."""


class Deadlock(SimulationError):  # noqa: N818 - the field's term
    """Nothing is ready, no timer is set, and the main task is not done."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}\nNext: end or answer what the tasks wait for; nothing from outside of this world ever comes"
        )


class Livelock(SimulationError):  # noqa: N818 - the field's term
    """Callbacks keep running and virtual time stands still."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}\nNext: let the loop that goes on for ever wait, with asyncio.sleep")


class ThreadsBanned(SimulationError):  # noqa: N818 - names the rule
    """Somebody wanted a thread. The system decides when it runs, so the same seed would not give the same run."""

    RULE = (
        "A virtual-time run has no threads. Endpoints of a simulator are `async def`: Starlette sends a synchronous "
        "endpoint or body iterator to a thread. Blocking work goes through the executor that the code was given"
    )

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}. {self.RULE}")


class Crashed(BaseException):
    """The process of the caller is dead: its ports have no effect any more.

    Like `GeneratorExit` it is no `Exception`, so that no retry loop survives its own death.
    """
