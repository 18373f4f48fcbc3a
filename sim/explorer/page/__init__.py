"""The parts of the page: figures, tables, controls, and how they stand together."""
