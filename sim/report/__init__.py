"""Reports: what a result says about one question, as a page for readers who run no models."""
