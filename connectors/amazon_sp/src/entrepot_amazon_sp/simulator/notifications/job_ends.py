"""FEED_PROCESSING_FINISHED and REPORT_PROCESSING_FINISHED: a job is DONE, CANCELLED or FATAL."""

from functools import partial

from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.jobs import Job, Names
from entrepot_amazon_sp.simulator.notifications.courier import Courier
from entrepot_amazon_sp.simulator.notifications.types import FEED_FINISHED, REPORT_FINISHED

KINDS = {"feed": FEED_FINISHED, "report": REPORT_FINISHED}


class JobEnds:
    def __init__(self, account: Account, courier: Courier) -> None:
        self._account = account
        self._courier = courier

    def note(self, job: Job, names: Names) -> None:
        """It has just ended."""
        if self._courier.is_awaited(KINDS[names.noun]):
            self._courier.later(partial(self._tell, job, names))

    def _tell(self, job: Job, names: Names) -> None:
        document = {names.document: job.document} if job.document else {}
        told = {
            "sellerId": self._account.seller,
            "accountId": f"amzn1.merchant.o.{self._account.seller}",
            f"{names.noun}Id": job.id,
            f"{names.noun}Type": job.kind,
            "processingStatus": job.status,
        }
        ended_at = job.ended_at or self._account.market.now()
        body = {f"{names.noun}ProcessingFinishedNotification": told | document}
        self._courier.tell(KINDS[names.noun], job.id, ended_at, body)
