"""Where each replicate has its parameters from: priors, posteriors, explanations, the source that a run draws on."""
