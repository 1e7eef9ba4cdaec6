"""Reading over HTTP: tokens, and answers to questions. Every number is defined elsewhere; nothing is written."""
