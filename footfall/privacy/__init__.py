"""What people may ask for: finding, exporting and erasing what is known of a person."""
