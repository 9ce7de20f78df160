"""The room's API, a module per concern: segments, rules, members, insight, names."""
