"""What came of a flow: whom it led where, who reached its goal, and what tests can tell."""
