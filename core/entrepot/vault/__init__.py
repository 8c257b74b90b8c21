"""Secrets at rest: AES-256-GCM under keys that plugins.toml names, in the store's vault."""
