"""The application: what is asked, how it is answered, in which format, and how it is refused."""
