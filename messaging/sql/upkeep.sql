-- What messaging has to clean up. Ids ascend with time, so the oldest come first in the primary keys.

-- name: old_bodies
-- The next messages by id, as long as they are old enough: their bodies go. Index: message pk.
WITH next AS (
    SELECT id, lane, created_at FROM message WHERE id > %(id)s ORDER BY id LIMIT %(bite)s),
old AS (
    SELECT id, lane, created_at FROM next WHERE created_at < %(before)s),
emptied AS (
    UPDATE message m SET html = '', body_text = '', trigger = '{}'
    FROM old WHERE m.lane = old.lane AND m.id = old.id AND m.status NOT IN ('queued', 'sending')
        AND (m.html <> '' OR m.body_text <> '' OR m.trigger <> '{}'))
SELECT count(*), max(id), max(created_at) FROM old

-- name: old_messages
-- Index: message pk.
DELETE FROM message m USING (
    SELECT id, lane FROM message ORDER BY id, lane LIMIT %(bite)s) f
WHERE m.lane = f.lane AND m.id = f.id AND m.created_at < %(before)s
    AND m.status NOT IN ('queued', 'sending')

-- name: old_calls
-- Index: call pk.
DELETE FROM call c USING (
    SELECT id, lane FROM call ORDER BY id, lane LIMIT %(bite)s) f
WHERE c.lane = f.lane AND c.id = f.id AND c.finished_at < %(before)s
