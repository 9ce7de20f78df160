-- What the pages about segments are read by.

-- name: segments_using
-- Which segments' rules ask for which others. No index: as many rows as there are segments.
SELECT DISTINCT needed #>> '{}', s.key, s.name
FROM segment s, jsonb_path_query(s.rule,
    'strict $.** ? (@.type == "segment").segment', silent => true) needed
WHERE jsonb_typeof(needed) = 'string'

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
