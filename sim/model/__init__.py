"""What the model is made of, each thing declared once, with everything that tables, figures and documents say of it."""
