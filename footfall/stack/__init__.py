"""What runs: starting and stopping it, its status, its diagnosis, simulated traffic for it."""
