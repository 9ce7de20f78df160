-- What the pages about segments are read by.

-- name: segments_using
-- Which segments' rules ask for which others. No index: as many rows as there are segments.
SELECT DISTINCT needed #>> '{}', s.key, s.name
FROM segment s, jsonb_path_query(s.rule,
    'strict $.** ? (@.type == "segment").segment', silent => true) needed
WHERE jsonb_typeof(needed) = 'string' AND NOT s.system

-- name: trends
-- The sizes of some segments now, and their joins and leaves of each day since one. Indexes:
-- segment_size_of_segment, segment_day_of_segment.
SELECT z.segment_id, NULL::date AS day, sum(z.n)::bigint AS change
FROM segment_size z WHERE z.segment_id = ANY(%(segments)s::bigint[])
GROUP BY z.segment_id
UNION ALL
SELECT d.segment_id, d.day, sum(d.joined - d.parted)::bigint
FROM segment_day d
WHERE d.segment_id = ANY(%(segments)s::bigint[]) AND d.day >= %(since)s
GROUP BY d.segment_id, d.day

-- name: days_of_segment
-- The joins and leaves of a segment by day, and its size now in the row without a day. Indexes:
-- segment_size_of_segment, segment_day_of_segment.
SELECT NULL::date AS day, coalesce(sum(z.n), 0)::bigint, 0::bigint
FROM segment_size z WHERE z.segment_id = %(segment)s
UNION ALL
SELECT d.day, sum(d.joined)::bigint, sum(d.parted)::bigint
FROM segment_day d WHERE d.segment_id = %(segment)s AND d.day >= %(since)s
GROUP BY d.day

-- name: overlap
-- How many contacts of some lanes are in exactly which of some segments: each segment is a bit, in
-- the order asked for. Index: membership_pkey, whose entries are all it reads.
SELECT bits, count(*)::bigint FROM (
    SELECT bit_or(1 << (array_position(%(segments)s::bigint[], m.segment_id) - 1)) AS bits
    FROM membership m
    WHERE m.lane = ANY(%(lanes)s::smallint[]) AND m.segment_id = ANY(%(segments)s::bigint[])
    GROUP BY m.lane, m.contact_id
) found
GROUP BY bits

-- name: sharing_most
-- The segments that share most members with one, among every so-manieth contact of some lanes.
-- Indexes: membership_pkey, membership_of_contact.
WITH looked_at AS MATERIALIZED (
    SELECT m.lane, m.contact_id FROM membership m
    WHERE m.lane = ANY(%(lanes)s::smallint[]) AND m.segment_id = %(segment)s
        AND (m.contact_id / 64) %% %(every)s = 0
)
SELECT m.segment_id
FROM looked_at x JOIN membership m ON m.lane = x.lane AND m.contact_id = x.contact_id
JOIN segment s ON s.id = m.segment_id
WHERE m.segment_id <> %(segment)s AND NOT s.system
GROUP BY m.segment_id ORDER BY count(*) DESC, m.segment_id LIMIT %(most)s

-- name: edit_preview
-- Who would join and leave by an edit, as its build does it (`write` in builds.sql), in some lanes:
-- how many, and the ids of those in the lanes `named`. `{matched}` selects whom the new rule chooses.
-- Indexes: those of the rule, membership_pkey, held_out_pkey.
WITH matched AS MATERIALIZED ({matched}),
joins AS (
    SELECT x.lane, x.contact_id FROM matched x
    WHERE NOT EXISTS (SELECT FROM membership m WHERE m.lane = ANY(%(lanes)s::smallint[])
            AND m.lane = x.lane AND m.segment_id = %(segment)s AND m.contact_id = x.contact_id)
        AND NOT EXISTS (SELECT FROM held_out h WHERE h.lane = x.lane
            AND h.segment_id = %(segment)s AND h.contact_id = x.contact_id)
),
unfit AS MATERIALIZED (
    SELECT m.lane, m.contact_id, m.by_hand FROM membership m
    WHERE m.lane = ANY(%(lanes)s::smallint[]) AND m.segment_id = %(segment)s
        AND NOT EXISTS (SELECT FROM matched x
            WHERE x.lane = m.lane AND x.contact_id = m.contact_id)
)
SELECT
    (SELECT count(*) FROM joins),
    (SELECT count(*) FROM unfit WHERE NOT by_hand),
    (SELECT count(*) FROM unfit WHERE by_hand),
    (SELECT count(*) FROM matched x JOIN held_out h ON h.lane = x.lane
        AND h.segment_id = %(segment)s AND h.contact_id = x.contact_id),
    (SELECT array_agg(contact_id) FROM joins WHERE lane = ANY(%(named)s::smallint[])),
    (SELECT array_agg(contact_id) FROM unfit
        WHERE NOT by_hand AND lane = ANY(%(named)s::smallint[]))

-- name: members_batch
-- The next members of a segment, the newest contacts first. The members are cut before they are
-- joined: or PostgreSQL would go through the contacts from the newest on for each batch. Indexes:
-- membership_of_segment, contact pk.
WITH batch AS MATERIALIZED (
    SELECT m.lane, m.contact_id, m.since, m.by_hand FROM membership m
    WHERE m.segment_id = %(segment)s AND m.contact_id < %(before)s
    ORDER BY m.contact_id DESC LIMIT %(batch)s
)
SELECT c.id, c.external_id, c.email, c.first_name, c.last_name,
    to_char(b.since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    CASE WHEN b.by_hand THEN 'true' ELSE 'false' END, c.fields
FROM batch b JOIN contact c ON c.lane = b.lane AND c.id = b.contact_id
ORDER BY c.id DESC

-- name: fold_days
-- Add the lanes of days that are over into one row each, so that a trend is read from few rows. Index:
-- segment_day_pkey.
WITH gone AS (
    DELETE FROM segment_day d WHERE d.lane > 0 AND d.day < %(before)s
    RETURNING d.segment_id, d.day, d.joined, d.parted
)
INSERT INTO segment_day AS d (lane, segment_id, day, joined, parted)
SELECT 0, g.segment_id, g.day, sum(g.joined), sum(g.parted) FROM gone g
GROUP BY g.segment_id, g.day
ON CONFLICT (lane, segment_id, day) DO UPDATE
SET joined = d.joined + excluded.joined, parted = d.parted + excluded.parted
