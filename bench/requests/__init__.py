"""The measurements, one module each: what is measured, beside what, and what is wanted."""
