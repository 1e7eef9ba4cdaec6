"""The pages of a site, one a file: which questions each asks, and how it shows the answers."""
