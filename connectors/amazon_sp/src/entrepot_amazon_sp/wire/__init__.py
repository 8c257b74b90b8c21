"""The documents that Amazon sends, in its own names, as far as they are read. The rest stays in the raw document."""
