"""The tables and views that people read, and the migrations of all other tables."""
