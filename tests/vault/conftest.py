from tests.store.conftest import database, migrated, store

__all__ = ["database", "migrated", "store"]
