"""One module per workflow rule: read, call the rooms, write."""
