"""The coded record, and later what scores the model against it."""
