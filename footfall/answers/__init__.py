"""Answers from what is published: ready questions, metrics, the documentation."""
