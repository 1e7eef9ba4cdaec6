"""What a distinct text says of who sent it: robot or person, kind of device."""
