"""The page that people look at: HTML of the answers to ready questions. It defines no number, and writes nothing."""
