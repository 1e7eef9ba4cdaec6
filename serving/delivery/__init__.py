"""Messages to people outside: to a webhook, by e-mail, and what waits to be sent again."""
