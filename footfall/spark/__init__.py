"""A candidate's models on Apache Spark: what that needs, what is handed over, what comes back. Runs no dbt itself."""
