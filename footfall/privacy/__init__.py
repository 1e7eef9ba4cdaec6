"""Requests of people: finding, exporting and erasing the data of a person."""
