"""What every room stands on, and little of it: clock, durations, errors, named SQL, lanes, jobs, live."""
