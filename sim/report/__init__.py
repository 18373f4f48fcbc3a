"""Reports: the answer of a result to one question, as a page for readers who do not run models."""
