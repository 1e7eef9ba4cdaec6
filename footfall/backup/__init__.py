"""Backups: making them and putting them back."""
