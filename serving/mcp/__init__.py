"""Reading by assistants: tools of the Model Context Protocol. Numbers and rights are those of the API."""
