"""Listings Items and Product Type Definitions: what a seller submits, how it is judged, when it takes effect."""
