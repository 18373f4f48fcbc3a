"""The field's official files as scenario pieces, and results as tables for other tools."""
