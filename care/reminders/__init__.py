"""Reminders of visits: put into the outbox in time, following the visit while they are under way, and answered."""
