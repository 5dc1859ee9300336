"""What the console shows, read from the records: every query is one clinic's, and has an end."""
