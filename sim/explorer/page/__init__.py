"""Parts of the page: figures, tables, controls, and their layout."""
