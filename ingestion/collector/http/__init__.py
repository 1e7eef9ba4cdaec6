"""The collector's HTTP side: requests, answers, the application."""
