-- Who an audience is: several segments together, without others, one contact per person. `{key}` is
-- what tells persons apart, over `c`: NULL where nothing does.

-- name: audience
-- A piece, not a statement: `kept`, the contacts of the audience, each with its place among those of
-- the same person. Who is excluded is so as a person: by any contact of the same key. Indexes:
-- membership_of_segment, contact pk.
WITH included AS (
    SELECT DISTINCT m.lane, m.contact_id FROM membership m
    WHERE m.segment_id = ANY(%(include)s::bigint[])
),
excluded AS (
    SELECT DISTINCT m.lane, m.contact_id FROM membership m
    WHERE m.segment_id = ANY(%(exclude)s::bigint[])
),
barred AS (
    SELECT DISTINCT {key} AS key FROM excluded x
    JOIN contact c ON c.lane = x.lane AND c.id = x.contact_id
    WHERE {key} IS NOT NULL
),
kept AS (
    SELECT c.lane, c.id AS contact_id, {key} AS key,
        row_number() OVER (PARTITION BY {key} ORDER BY {reachable} DESC,
            c.last_seen_at DESC NULLS LAST, c.created_at, c.id) AS place
    FROM included i
    JOIN contact c ON c.lane = i.lane AND c.id = i.contact_id
    WHERE NOT EXISTS (SELECT FROM excluded x WHERE x.lane = c.lane AND x.contact_id = c.id)
        AND NOT EXISTS (SELECT FROM barred b WHERE b.key = {key})
)

-- name: audience_people
-- One contact per person. Follows `audience`.
SELECT lane, contact_id FROM kept WHERE key IS NOT NULL AND place = 1

-- name: audience_counts
-- How many contacts, persons, and contacts without a key; and some of the persons' contacts. Follows
-- `audience`.
SELECT count(*), count(*) FILTER (WHERE key IS NOT NULL AND place = 1),
    count(*) FILTER (WHERE key IS NULL),
    (array_agg(contact_id ORDER BY contact_id DESC)
        FILTER (WHERE key IS NOT NULL AND place = 1))[1:10]
FROM kept
