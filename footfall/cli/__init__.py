"""The command `footfall`: what a person types, and what it prints. The work is done in the packages below."""
