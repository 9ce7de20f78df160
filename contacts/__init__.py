"""Who the contacts are and what they did: identities, fields, events, consents, scores, intake."""
