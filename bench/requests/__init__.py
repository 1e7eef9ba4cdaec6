"""Ways to send requests: as fast as they are answered, and at a given rate."""
