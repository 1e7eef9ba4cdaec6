"""Units of systemd that start the installation with the machine and keep it running: written, enabled, removed."""
