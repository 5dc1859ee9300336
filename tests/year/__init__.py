"""A simulated year of a clinic's reminders, on the real code and a real database.

A clock that jumps, a carrier that fails, people who move, stop and change numbers, workers that die, and an oracle that
checks every message by rules of its own.
"""
