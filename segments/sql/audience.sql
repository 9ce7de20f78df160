-- Who an audience is: several segments together, without others, one contact per person. `{key}` is
-- what tells persons apart, over `c`: NULL where nothing does.

-- name: audience
-- A piece, not a statement: `kept`, the contacts of the audience, each with its place among those of
-- the same person. Who is excluded is so as a person: by any contact of the same key. The key is
-- made once, and compared byte by byte. Indexes: membership_of_segment, membership pk, contact pk.
WITH barred AS MATERIALIZED (
    SELECT DISTINCT ({key}) COLLATE "C" AS key FROM contact c
    WHERE {key} IS NOT NULL AND EXISTS (SELECT FROM membership m WHERE m.lane = c.lane
        AND m.contact_id = c.id AND m.segment_id = ANY(%(exclude)s::bigint[]))
),
found AS MATERIALIZED (
    SELECT c.lane, c.id AS contact_id, ({key}) COLLATE "C" AS key, {reachable} AS reachable,
        c.last_seen_at, c.created_at
    FROM contact c
    WHERE EXISTS (SELECT FROM membership m WHERE m.lane = c.lane
            AND m.contact_id = c.id AND m.segment_id = ANY(%(include)s::bigint[]))
        AND NOT EXISTS (SELECT FROM membership m WHERE m.lane = c.lane
            AND m.contact_id = c.id AND m.segment_id = ANY(%(exclude)s::bigint[]))
),
kept AS (
    SELECT f.lane, f.contact_id, f.key,
        row_number() OVER (PARTITION BY f.key ORDER BY f.reachable DESC,
            f.last_seen_at DESC NULLS LAST, f.created_at, f.contact_id) AS place
    FROM found f
    WHERE NOT EXISTS (SELECT FROM barred b WHERE b.key = f.key)
)

-- name: audience_people
-- One contact per person. Follows `audience`.
SELECT lane, contact_id FROM kept WHERE key IS NOT NULL AND place = 1

-- name: audience_counts
-- How many contacts, persons, and contacts without a key; and some of the persons' contacts. Follows
-- `audience`.
SELECT count(*), count(*) FILTER (WHERE key IS NOT NULL AND place = 1),
    count(*) FILTER (WHERE key IS NULL),
    (SELECT array_agg(s.contact_id) FROM (SELECT contact_id FROM kept
        WHERE key IS NOT NULL AND place = 1 ORDER BY contact_id DESC LIMIT 10) s)
FROM kept
