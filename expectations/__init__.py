"""Whether a candidate is believable enough to publish."""
