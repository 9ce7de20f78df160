"""Flows as code: as files that live in git, applied, compared and tested."""
