-- What the passing of time asks for. Every statement names the lane; instants come from outside.

-- name: ticks
-- Up to when, and in which zone, time has been looked at in these lanes. Index: segment_tick pk.
SELECT lane, ticked_at, zone FROM segment_tick WHERE lane = ANY(%(lanes)s::smallint[])

-- name: latest_tick
-- The latest instant at which time has been looked at in these lanes. Index: segment_tick pk.
SELECT max(ticked_at) FROM segment_tick WHERE lane = ANY(%(lanes)s::smallint[])

-- name: tick
-- Remember up to when time has been looked at.
INSERT INTO segment_tick AS k (lane, ticked_at, zone)
SELECT l, %(now)s, %(zone)s FROM unnest(%(lanes)s::smallint[]) l
ON CONFLICT (lane) DO UPDATE
SET ticked_at = greatest(k.ticked_at, excluded.ticked_at), zone = excluded.zone

-- name: edges_passed
-- Who is to be looked at again because of time: rows that a window's end has passed, next edges that
-- are due, touches whose instant has come. Kinds: s (slice number), e (segment id), t (touch key).
-- OFFSET 0 keeps PostgreSQL from joining whole tables where a few probes of the index are enough.
-- Indexes: event_named, score_change_in_time, time_edge_due, touch_early pk.
SELECT * FROM (
    SELECT 's' AS kind, s.n::bigint AS n, '' AS key, l.lane, e.contact_id
    FROM unnest(%(event_n)s::integer[], %(event_names)s::text[], %(event_lows)s::timestamptz[],
        %(event_highs)s::timestamptz[]) s (n, name, low, high)
    CROSS JOIN unnest(%(lanes)s::smallint[]) l (lane)
    CROSS JOIN LATERAL (
        SELECT e.contact_id FROM event e
        WHERE e.lane = l.lane AND e.name = s.name AND e.at > s.low AND e.at <= s.high
        OFFSET 0
    ) e
    UNION ALL
    SELECT 's', s.n, '', l.lane, g.contact_id
    FROM unnest(%(score_n)s::integer[], %(score_lows)s::timestamptz[],
        %(score_highs)s::timestamptz[]) s (n, low, high)
    CROSS JOIN unnest(%(lanes)s::smallint[]) l (lane)
    CROSS JOIN LATERAL (
        SELECT g.contact_id FROM score_change g
        WHERE g.lane = l.lane AND g.at > s.low AND g.at <= s.high
        OFFSET 0
    ) g
    UNION ALL
    SELECT 'e', d.segment_id, '', l.lane, d.contact_id
    FROM unnest(%(lanes)s::smallint[]) l (lane)
    JOIN time_edge d ON d.lane = l.lane AND d.due_at <= %(now)s
    UNION ALL
    SELECT 't', 0, a.key, l.lane, a.contact_id
    FROM unnest(%(lanes)s::smallint[]) l (lane)
    JOIN touch_early a ON a.lane = l.lane AND a.due_at <= %(now)s
) passed
LIMIT %(limit)s

-- name: activity_passed
-- The same for windows over any activity: the index is led by the name, so the names that a lane has
-- are walked from one to the next. Index: event_named.
WITH RECURSIVE named AS (
    SELECT l.lane, (SELECT min(e.name) FROM event e WHERE e.lane = l.lane) AS name
    FROM unnest(%(lanes)s::smallint[]) l (lane)
    UNION ALL
    SELECT n.lane,
        (SELECT min(e.name) FROM event e WHERE e.lane = n.lane AND e.name > n.name) AS name
    FROM named n WHERE n.name IS NOT NULL
)
SELECT 's' AS kind, s.n::bigint AS n, '' AS key, x.lane, e.contact_id
FROM named x
CROSS JOIN unnest(%(event_n)s::integer[], %(event_lows)s::timestamptz[],
    %(event_highs)s::timestamptz[]) s (n, low, high)
CROSS JOIN LATERAL (
    SELECT e.contact_id FROM event e
    WHERE e.lane = x.lane AND e.name = x.name AND e.at > s.low AND e.at <= s.high AND NOT e.touch
    OFFSET 0
) e
WHERE x.name IS NOT NULL
LIMIT %(limit)s

-- name: early_due
-- The touches of these lanes whose instant has come. Index: touch_early pk.
SELECT 't' AS kind, 0::bigint AS n, a.key, a.lane, a.contact_id FROM touch_early a
WHERE a.lane = ANY(%(lanes)s::smallint[]) AND a.due_at <= %(now)s

-- name: put_off
-- Keep touches until their own instant has come. Index: touch_early pk.
INSERT INTO touch_early (lane, due_at, contact_id, key)
SELECT t.lane, t.due_at, t.contact_id, t.key
FROM unnest(%(lanes)s::smallint[], %(due)s::timestamptz[], %(contacts)s::bigint[],
    %(keys)s::text[]) t (lane, due_at, contact_id, key)
JOIN contact c ON c.lane = t.lane AND c.id = t.contact_id
ON CONFLICT (lane, due_at, contact_id, key) DO NOTHING

-- name: forget_early
-- What was put off has been looked at. Index: touch_early pk.
DELETE FROM touch_early WHERE lane = ANY(%(lanes)s::smallint[]) AND due_at <= %(now)s

-- name: forget_edges
-- Edges of segments that no longer follow a rule by time. Index: time_edge_due.
DELETE FROM time_edge WHERE lane = ANY(%(lanes)s::smallint[]) AND due_at <= %(now)s
    AND segment_id <> ALL(%(segments)s::bigint[])

-- name: merge_early
-- What is put off for the lost contact is put off for the kept one. Index: touch_early_of_contact.
INSERT INTO touch_early (lane, due_at, contact_id, key)
SELECT %(kept_lane)s, a.due_at, %(kept)s, a.key FROM touch_early a
WHERE a.lane = %(lost_lane)s AND a.contact_id = %(lost)s
ON CONFLICT (lane, due_at, contact_id, key) DO NOTHING
