"""Who signs in to Millrace, with which role, and what they changed."""
