-- Builds. A build looks at everybody without holding anybody up (`look`), then holds a few lanes at a
-- time while it writes the difference (`write`). Whom the pulse has asked about since the look is left
-- to it (`segment_judged`). Pieces in braces are put in by `segments.refresh.changes_write`.

-- name: forget_matches
-- Begin anew: nothing of an earlier build of this segment is kept. Indexes: pk of both.
DELETE FROM segment_match WHERE segment_id = %(segment)s

-- name: forget_judged
-- As above.
DELETE FROM segment_judged WHERE segment_id = %(segment)s

-- name: forget_edges
-- The next edges of a rule that is no more. Index: time_edge_of_segment.
DELETE FROM time_edge WHERE segment_id = %(segment)s

-- name: mark_look
-- A row of no contact, by which a later try sees that the rows of this look are still there.
INSERT INTO segment_match (lane, segment_id, contact_id, is_true) VALUES (-1, %(segment)s, 0, false)

-- name: look_is_kept
-- Whether they are. Index: segment_match pk.
SELECT EXISTS (SELECT FROM segment_match
    WHERE lane = -1 AND segment_id = %(segment)s AND contact_id = 0)

-- name: last_contact
-- Up to which id there are contacts. Index: contact pk.
SELECT coalesce(max(id), 0) FROM contact

-- name: look
-- For whom the rule is true, of the contacts with these ids, and when time may next change it. `{rule}`
-- and `{edges}` are the rule's, `{wanted}` keeps what matters. Indexes: contact pk, those of the rule.
INSERT INTO segment_match (lane, segment_id, contact_id, is_true, due_at)
SELECT x.lane, %(segment)s, x.id, x.is_true, x.due_at
FROM (
    SELECT c.lane, c.id, {rule} AS is_true, ({edges})::timestamptz AS due_at FROM contact c
    WHERE c.id > %(after)s AND c.id <= %(upto)s
    OFFSET 0
) x
WHERE x.is_true OR x.due_at IS NOT NULL
ON CONFLICT DO NOTHING

-- name: look_plain
-- The same for a rule without next edges, which PostgreSQL may then plan as it likes.
INSERT INTO segment_match (lane, segment_id, contact_id, is_true)
SELECT c.lane, %(segment)s, c.id, true FROM contact c
WHERE c.id > %(after)s AND c.id <= %(upto)s AND {rule}
ON CONFLICT DO NOTHING

-- name: rows_to_write
-- How many rows a build may have to write at most: who matched, and who is in. Indexes: segment_match,
-- segment_size_of_segment.
SELECT (SELECT count(*) FROM segment_match WHERE segment_id = %(segment)s)
    + (SELECT coalesce(sum(n), 0)::bigint FROM segment_size WHERE segment_id = %(segment)s)

-- name: merge_judged
-- The kept contact is asked about again by the pulse: builds under way leave it to it.
INSERT INTO segment_judged (lane, segment_id, contact_id)
SELECT %(kept_lane)s, s.id, %(kept)s FROM segment s WHERE s.status = 'building'
ON CONFLICT DO NOTHING

-- name: write
-- Write who joins and leaves in some lanes, which the caller holds. PostgreSQL knows nothing yet of a
-- new segment and takes it for empty: so what is left out is asked for by NOT IN, which it hashes, and
-- who is in already by ON CONFLICT. Indexes: pk of segment_match, segment_judged, contact, membership,
-- held_out.
WITH witnessed AS MATERIALIZED (
    SELECT j.lane, j.contact_id FROM segment_judged j
    WHERE j.lane = ANY(%(lanes)s::smallint[]) AND j.segment_id = %(segment)s
),
matched AS MATERIALIZED (
    SELECT b.lane, b.contact_id, b.is_true, b.due_at
    FROM segment_match b JOIN contact c ON c.lane = b.lane AND c.id = b.contact_id
    WHERE b.segment_id = %(segment)s AND b.lane = ANY(%(lanes)s::smallint[])
        AND (b.lane, b.contact_id) NOT IN (SELECT lane, contact_id FROM witnessed)
),
joined AS (
    INSERT INTO membership (lane, segment_id, contact_id, since)
    SELECT x.lane, %(segment)s, x.contact_id, %(now)s FROM matched x
    WHERE x.is_true AND (x.lane, x.contact_id) NOT IN (SELECT h.lane, h.contact_id FROM held_out h
        WHERE h.lane = ANY(%(lanes)s::smallint[]) AND h.segment_id = %(segment)s)
    ON CONFLICT (lane, segment_id, contact_id) DO NOTHING
    RETURNING lane, segment_id, contact_id
),
parted AS (
    DELETE FROM membership m
    WHERE %(leaves)s AND m.lane = ANY(%(lanes)s::smallint[]) AND m.segment_id = %(segment)s
        AND NOT m.by_hand
        AND (m.lane, m.contact_id) NOT IN (SELECT lane, contact_id FROM matched WHERE is_true)
        AND (m.lane, m.contact_id) NOT IN (SELECT lane, contact_id FROM witnessed)
    RETURNING m.lane, m.segment_id, m.contact_id
),
freed AS (
    DELETE FROM held_out h
    WHERE h.lane = ANY(%(lanes)s::smallint[]) AND h.segment_id = %(segment)s
        AND h.since <= %(looked_at)s
        AND (h.lane, h.contact_id) NOT IN (SELECT lane, contact_id FROM matched WHERE is_true)
        AND (h.lane, h.contact_id) NOT IN (SELECT lane, contact_id FROM witnessed)
),
edged AS (
    INSERT INTO time_edge AS d (lane, segment_id, contact_id, due_at)
    SELECT x.lane, %(segment)s, x.contact_id, x.due_at FROM matched x WHERE x.due_at IS NOT NULL
    ON CONFLICT (lane, segment_id, contact_id) DO UPDATE SET due_at = excluded.due_at
    WHERE excluded.due_at < d.due_at
),
{write_changes}
