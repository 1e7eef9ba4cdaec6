"""The command `footfall`: what a person types, and what it answers. The work is done in the packages below."""
