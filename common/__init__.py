"""What every room stands on, and little of it: clock, errors, named SQL, lanes, jobs, news."""
