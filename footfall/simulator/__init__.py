"""Made-up traffic with known figures: each session is made as one, and never has to be found afterwards."""
