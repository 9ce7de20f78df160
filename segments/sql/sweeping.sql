-- Takes away what deleted segments have left. No foreign key does: their members may be millions, and
-- the engine does not wait for them. Words in braces name one of the tables (`segments.sweeping`).

-- name: dead_segments
-- Segments of which a table still holds rows, and that are no more: one look into the index for each
-- that it holds. Index: the one that begins with segment_id.
WITH RECURSIVE held (segment_id) AS (
    (SELECT min(t.segment_id) FROM {table} t)
    UNION ALL
    SELECT (SELECT min(t.segment_id) FROM {table} t WHERE t.segment_id > h.segment_id)
    FROM held h WHERE h.segment_id IS NOT NULL
)
SELECT h.segment_id FROM held h
WHERE h.segment_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM segment s WHERE s.id = h.segment_id)

-- name: sweep
-- A bite of the rows of a segment that is no more. Index: the one that begins with segment_id.
DELETE FROM {table} d WHERE d.ctid = ANY(ARRAY(
    SELECT t.ctid FROM {table} t WHERE t.segment_id = %(segment)s LIMIT %(bite)s))
