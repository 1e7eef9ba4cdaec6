"""The database side that neither loads nor models: server, migrations, slices, publish, retention."""
