"""What readers ask for: questions, answers over HTTP, pages, live streams, searches and exports."""
