"""Made-up traffic with known figures: sessions are made whole, so that no step has to find them in events."""
