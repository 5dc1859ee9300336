"""Visits: who can be seen when, what is booked, and what comes in from and goes out to the clinic's own schedule."""
