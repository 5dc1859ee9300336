"""One turn of talk on any channel: who is this, where were we, what now."""
