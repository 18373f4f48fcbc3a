"""Results: labelled arrays of all replicates, their tables, and how they are stored and read."""
