"""From landed events to published marts: the installation, dbt, the steps of a night."""
