"""What goes wrong at Amazon itself, when a run asks for it. What goes wrong on the way is the network's."""

from collections import Counter
from enum import StrEnum


class AmazonFault(StrEnum):
    """By the point at which it strikes."""

    STUCK_FEED = "stuck_feed"  # IN_PROGRESS for a day
    SILENT_FEED = "silent_feed"  # every message accepted, and each twentieth without effect
    SILENT_SUBMISSION = "silent_submission"  # a put, patch, delete or message is accepted, and without effect
    LATE_SUBMISSION = "late_submission"  # such a one takes effect ten minutes later, behind what came after it
    FATAL_FEED = "fatal_feed"  # FATAL after half of the messages took effect, and no document
    EXPIRED_UPLOAD_LINK = "expired_upload_link"
    EXPIRED_DOWNLOAD_LINK = "expired_download_link"
    STUCK_REPORT = "stuck_report"  # IN_PROGRESS for a day
    CANCELLED_REPORT = "cancelled_report"  # though there are data
    FATAL_REPORT = "fatal_report"  # with a document that explains
    LOST_NOTIFICATION = "lost_notification"
    DELAYED_NOTIFICATION = "delayed_notification"  # published minutes to an hour late
    OVERTAKEN_NOTIFICATION = "overtaken_notification"  # published in time, and later ones arrive before it
    DOUBLED_NOTIFICATION = "doubled_notification"  # arrives twice, with one id


class Faults:
    """Each planned one strikes once, at the next occasion. `happened` counts those that did."""

    def __init__(self) -> None:
        self._planned: Counter[AmazonFault] = Counter()
        self.happened: Counter[AmazonFault] = Counter()

    def plan(self, fault: AmazonFault, times: int = 1) -> None:
        self._planned[fault] += times

    def calm(self) -> None:
        """Forget what has not struck yet."""
        self._planned.clear()

    def strikes(self, fault: AmazonFault) -> bool:
        if not self._planned[fault]:
            return False
        self._planned[fault] -= 1
        self.happened[fault] += 1
        return True
