"""The command `footfall`: what a person types, and what they are told. The work is done in the packages below."""
