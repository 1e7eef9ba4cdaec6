"""The ground: settings, secrets, ports, processes, files. Knows nothing of what is above it."""
