"""What needs a person, with what to do about it."""

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from entrepot.model.ids import AccountId


class Severity(StrEnum):
    WARNING = "warning"
    ERROR = "error"


class ProblemKind(StrEnum):
    """One word for each kind; docs/reference/problems.md says what each means and how it closes."""

    RECORD_REFUSED = "record_refused"
    ORDER_FLAWED = "order_flawed"
    OFFER_UNMAPPED = "offer_unmapped"
    SHIPMENT_REVERSED = "shipment_reversed"
    SHIPMENT_TIME_UNCERTAIN = "shipment_time_uncertain"
    ORDER_BEFORE_COUNT = "order_before_count"
    STOCK_SHORT = "stock_short"
    ACCOUNT_PARKED = "account_parked"
    ACCOUNT_PAUSED = "account_paused"
    CONFIG_REFUSED = "config_refused"
    CREDENTIALS_EXPIRE = "credentials_expire"
    AUTH_WAVE = "auth_wave"
    APPLICATION_REFUSED = "application_refused"
    PERMISSION_MISSING = "permission_missing"
    DATA_WITHHELD = "data_withheld"
    CLOCK_SKEWED = "clock_skewed"
    ORDERS_LATE = "orders_late"
    CALLS_RUN_OUT = "calls_run_out"
    STREAM_FAILING = "stream_failing"
    PAGES_REPEAT = "pages_repeat"
    PUSH_REJECTED = "push_rejected"
    QUANTITY_DRIFTED = "quantity_drifted"
    OFFER_MISSING = "offer_missing"
    ARTICLE_LEFT = "article_left"
    OFFERS_FILE_REFUSED = "offers_file_refused"
    BULK_OVERDUE = "bulk_overdue"
    IMPORT_HELD = "import_held"
    IMPORT_LINES_REFUSED = "import_lines_refused"
    STOCK_SOURCE_FAILING = "stock_source_failing"
    OBSERVER_PARKED = "observer_parked"
    ALERT_PARKED = "alert_parked"
    PLUGIN_BLOCKS_LOOP = "plugin_blocks_loop"


@frozen
class Problem:
    """Open from `since` until it is closed. (kind, account, subject) is unique among the open ones."""

    kind: ProblemKind
    account: AccountId | None
    subject: str
    message: str
    next_action: str
    since: datetime
    severity: Severity = Severity.ERROR
    id: int = 0  # given by the store
