"""A telephone company on your desk: the part of Twilio that a clinic's line needs, and a handset.

A program of its own (`python -m phonelab`). It imports nothing of the rest of the project and nothing of the
rest imports it: they meet over HTTP, as with a carrier. See README.md beside this file.
"""
