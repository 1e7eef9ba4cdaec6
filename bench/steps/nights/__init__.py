"""Whole nights: a large one, a quiet one, over midnight, back to back, beside ninety days."""
