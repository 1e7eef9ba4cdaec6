"""The database without loading and modelling: server, migrations, slices, publishing, retention."""
