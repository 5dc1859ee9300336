"""Scheduling: what can be booked, and the acts of booking, moving and calling off.

`records.scheduling.Occupied` decides what is taken, whoever writes; `Opening` is made ahead, to be found quickly.
Whoever writes either holds the clinic's schedule first (`occupying.hold`).
"""
