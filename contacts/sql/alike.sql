-- name: set_alike
-- One value for the same fields of many contacts, written where it is not there yet, with the
-- instant and a touch for each field that it changed. The rows are locked in ascending order, as
-- everybody does who locks several. The pieces in braces are one line per field. Index: contact_pkey.
WITH mine AS (
    SELECT c.id, c.lane, {is_new}
    FROM contact c
    WHERE (c.id, c.lane) IN (
        SELECT k.id, k.lane FROM unnest(%(ids)s::bigint[], %(lanes)s::smallint[]) AS k (id, lane))
    ORDER BY c.id
    FOR NO KEY UPDATE OF c
), written AS (
    UPDATE contact c SET {assignments}
    FROM mine m
    WHERE c.id = m.id AND c.lane = m.lane AND ({is_any_new})
    RETURNING c.id, c.lane, {news}
), told AS (
    INSERT INTO touch (lane, contact_id, kind, name, at)
    SELECT w.lane, w.id, 'field', f.key, %(now)s
    FROM written w CROSS JOIN LATERAL (VALUES {touches}) AS f (key, is_new)
    WHERE f.is_new AND f.key = ANY(%(heard)s::text[])
)
SELECT count(*) FROM mine
