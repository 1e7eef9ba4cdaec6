"""Bring in history: files of other systems become lines of the landing zone, and nothing else."""
