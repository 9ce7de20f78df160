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
WITH some AS MATERIALIZED (
    SELECT m.lane, m.contact_id FROM membership m
    WHERE m.lane = ANY(%(lanes)s::smallint[]) AND m.segment_id = %(segment)s
        AND (m.contact_id / 64) %% %(every)s = 0
)
SELECT m.segment_id
FROM some x JOIN membership m ON m.lane = x.lane AND m.contact_id = x.contact_id
JOIN segment s ON s.id = m.segment_id
WHERE m.segment_id <> %(segment)s AND NOT s.system
GROUP BY m.segment_id ORDER BY count(*) DESC, m.segment_id LIMIT %(most)s
