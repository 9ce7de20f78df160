"""Faults on real processes: a whole Millrace under load, and what happens to it at random."""
