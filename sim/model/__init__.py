"""Declarations of the model's variables, events and terms, with the text that tables and documents show."""
