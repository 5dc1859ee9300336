"""Prompts in a language that the carrier has no voice for: spoken by a process of our own, made ahead, joined.

`languages.spoken_parts` says what the parts of a sentence are; here they become sound. A call hears them by
<Play> from an address that is signed, expires and holds nothing private.
"""
