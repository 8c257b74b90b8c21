"""plugins.toml: which plugins are enabled, and each account's channel, settings and rules.

Loading has two halves, because the file itself says which plugins know the rest of it:

    document = read_document(path)
    loaded = plugins.load(document.plugins)
    config = build(document, loaded.channels, os.environ, plugin_faults=loaded.faults)
"""

from entrepot.config.build import build, load_config
from entrepot.config.codes import CODES
from entrepot.config.document import Document, read_document
from entrepot.config.keys import require_keyring
from entrepot.config.model import (
    AccountConfig,
    AlertConfig,
    Article,
    Config,
    Locations,
    MailConfig,
    OrdersConfig,
    StockConfig,
    Tls,
    secret_values,
)

__all__ = [
    "CODES",
    "AccountConfig",
    "AlertConfig",
    "Article",
    "Config",
    "Document",
    "Locations",
    "MailConfig",
    "OrdersConfig",
    "StockConfig",
    "Tls",
    "build",
    "load_config",
    "read_document",
    "require_keyring",
    "secret_values",
]
