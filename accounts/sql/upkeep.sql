-- What accounts have to clean up.

-- name: old_audit
-- The oldest rows come first in the primary key: only these are looked at.
DELETE FROM audit_entry a USING (
    SELECT id FROM audit_entry ORDER BY id LIMIT %(bite)s) f
WHERE a.id = f.id AND a.at < %(before)s

-- name: ended_sessions
-- Index: django_session (expire_date).
DELETE FROM django_session WHERE session_key IN (
    SELECT session_key FROM django_session WHERE expire_date < %(now)s
    ORDER BY expire_date LIMIT %(bite)s)
