"""The landing zone: segments of lines on disk, written durably and read back."""
