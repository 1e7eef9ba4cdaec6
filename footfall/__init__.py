"""What the product does with all below: the night, the stack, backups, privacy requests, answers, the command line."""
