"""Documents of feeds and reports: Amazon tells a link that is good for minutes, and the bytes lie in its storage."""

from entrepot_amazon_sp.documents.content import JSON, Content
from entrepot_amazon_sp.documents.downloading import MOST, Document
from entrepot_amazon_sp.documents.links import DOWNLOADS, UPLOAD, Link, storage_hosts
from entrepot_amazon_sp.documents.uploading import upload

__all__ = [
    "DOWNLOADS",
    "JSON",
    "MOST",
    "UPLOAD",
    "Content",
    "Document",
    "Link",
    "storage_hosts",
    "upload",
]
