"""The clinic's rules and acts. `care/rules` are pure functions over values; the rest writes rows."""
