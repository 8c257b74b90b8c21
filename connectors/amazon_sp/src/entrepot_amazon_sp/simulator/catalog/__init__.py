"""Catalog Items API 2022-04-01."""
