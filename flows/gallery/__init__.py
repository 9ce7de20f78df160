"""Flow templates: whole flows, with their segments and mails, that are ready to be used.

A template is one YAML file (`templates/`), read by `files`, asked about and filled in by `answers`,
placed on the canvas by `drawing`, shown by `showing` and made into a draft by `making`.
"""
