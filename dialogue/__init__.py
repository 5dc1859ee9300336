"""The flow engine: pure functions over values. It opens nothing, asks no clock and knows no carrier."""
