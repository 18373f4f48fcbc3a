"""The model, declared once: variables and what they mean, each where a reader would look for it first."""
