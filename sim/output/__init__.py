"""Results: labelled arrays of all replicates, their tables, and their storage on disk."""
