"""Which days to build, whether their raw events are complete, and how candidates replace published rows."""
