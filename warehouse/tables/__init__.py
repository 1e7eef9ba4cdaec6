"""The tables and views people read, and the migrations of all others."""
