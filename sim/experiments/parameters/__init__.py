"""Parameters of the replicates: priors, posteriors, explanations, and the source that a run uses."""
