"""The pages of the console: each reads what it shows and writes nothing; acts.py holds what changes something."""
