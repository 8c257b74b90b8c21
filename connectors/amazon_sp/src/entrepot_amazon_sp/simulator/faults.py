"""What goes wrong at Amazon itself, when a run asks for it, beside what can go wrong with any simulated channel."""

from datetime import timedelta
from enum import StrEnum

from entrepot.simulation import FaultPoint


class AmazonFault(StrEnum):
    """By the point at which it strikes."""

    STUCK_FEED = "stuck_feed"
    SILENT_FEED = "silent_feed"
    SILENT_SUBMISSION = "silent_submission"
    LATE_SUBMISSION = "late_submission"
    FATAL_FEED = "fatal_feed"
    EXPIRED_UPLOAD_LINK = "expired_upload_link"
    EXPIRED_DOWNLOAD_LINK = "expired_download_link"
    STUCK_REPORT = "stuck_report"
    CANCELLED_REPORT = "cancelled_report"
    FATAL_REPORT = "fatal_report"
    FATAL_AGAIN = "fatal_again"
    LOST_NOTIFICATION = "lost_notification"
    DELAYED_NOTIFICATION = "delayed_notification"
    OVERTAKEN_NOTIFICATION = "overtaken_notification"
    DOUBLED_NOTIFICATION = "doubled_notification"
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - the name of a fault
    REVOKED_CONSENT = "revoked_consent"
    STORE_DOWN = "store_down"
    STORE_MISSING = "store_missing"


AMAZON_FAULTS = (
    FaultPoint(AmazonFault.STUCK_FEED, "a feed is IN_PROGRESS for a day", 0.02),
    FaultPoint(AmazonFault.SILENT_FEED, "a feed accepts each message, and each twentieth has no effect", 0.05),
    FaultPoint(AmazonFault.SILENT_SUBMISSION, "a put, patch, delete or message is accepted and has no effect", 0.02),
    FaultPoint(AmazonFault.LATE_SUBMISSION, "one takes effect ten minutes late, behind what came after it", 0.02),
    FaultPoint(AmazonFault.FATAL_FEED, "a feed is FATAL after half of it took effect, without a report", 0.02),
    FaultPoint(AmazonFault.EXPIRED_UPLOAD_LINK, "the link for an upload is outdated from the first", 0.02),
    FaultPoint(AmazonFault.EXPIRED_DOWNLOAD_LINK, "the link to a document is outdated from the first", 0.02),
    FaultPoint(AmazonFault.STUCK_REPORT, "a report is IN_PROGRESS for a day", 0.02),
    FaultPoint(AmazonFault.CANCELLED_REPORT, "a report is CANCELLED although there are data", 0.02),
    FaultPoint(AmazonFault.FATAL_REPORT, "a report is FATAL, with a document that explains", 0.02),
    FaultPoint(AmazonFault.FATAL_AGAIN, "a report is FATAL that was asked for within four hours before", 0.02),
    FaultPoint(AmazonFault.LOST_NOTIFICATION, "a notification never arrives", 0.01),
    FaultPoint(AmazonFault.DELAYED_NOTIFICATION, "one is published five minutes to an hour late", 0.02),
    FaultPoint(AmazonFault.OVERTAKEN_NOTIFICATION, "a queue holds one back while later ones arrive", 0.05),
    FaultPoint(AmazonFault.DOUBLED_NOTIFICATION, "one arrives once more, with one id; each strike is a copy", 0.05),
    FaultPoint(AmazonFault.EXPIRED_TOKEN, "an access token ends before its hour", 0.005, requests=True),
    FaultPoint(
        AmazonFault.REVOKED_CONSENT, "no access token: the consent counts as taken back", 0.01, timedelta(hours=2)
    ),
    FaultPoint(
        AmazonFault.STORE_DOWN,
        "500 to each request that names the last store",
        0.0005,
        timedelta(minutes=30),
        requests=True,
    ),
    FaultPoint(AmazonFault.STORE_MISSING, "no participation in the last store is told", 0.02, timedelta(hours=2)),
)
