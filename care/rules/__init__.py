"""Rules: pure functions over values, each with its source. They open nothing and ask no clock."""
