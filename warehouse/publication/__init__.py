"""Which days to build, whether they can be, and how candidates replace published rows."""
