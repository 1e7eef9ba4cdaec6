"""Sites, and which role may see and change what."""
