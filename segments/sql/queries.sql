-- The set work of the room `segments`. Words in braces are put in before the statement is run: the
-- SQL of rules (`segments.rules.compiling`), and the piece `write_changes`.

-- name: state
-- All that decides what the compiled segments are: zone, fields, and the editions of the segments.
SELECT (SELECT timezone FROM workspace),
    (SELECT coalesce(jsonb_object_agg(key, type), '{}') FROM field),
    (SELECT coalesce(array_agg(edition::text || status ORDER BY id), '{}') FROM segment)

-- name: all_segments
-- Every segment with its rule, read when one was edited.
SELECT id, key, edition::text, kind, status = 'building', rule, top FROM segment ORDER BY id

-- name: lock_lanes
-- Hold lanes against the engine for this transaction, ascending so that nobody waits in a circle.
SELECT lane FROM lane WHERE lane = ANY(%(lanes)s::smallint[]) ORDER BY lane FOR UPDATE

-- name: lock_rules
-- One edit of segments at a time, so that two can't close a circle together.
SELECT pg_advisory_xact_lock(hashtext('millrace.segments'))

-- name: write_changes
-- A piece, not a statement: the end of each that makes `joined` and `parted`. Writes the history, the
-- sizes per lane, the day's count (in the workspace's zone) and, where asked (outside the pulse), the touches that tell the engine.
changed AS (
    SELECT lane, segment_id, contact_id, 'entered' AS change, 1 AS step FROM joined
    UNION ALL
    SELECT lane, segment_id, contact_id, 'left', -1 FROM parted
),
noted AS (
    INSERT INTO membership_change (lane, segment_id, contact_id, change, at, cause)
    SELECT lane, segment_id, contact_id, change, %(now)s, %(cause)s FROM changed
),
sized AS (
    INSERT INTO segment_size AS z (lane, segment_id, n)
    SELECT lane, segment_id, sum(step) FROM changed GROUP BY lane, segment_id
    ON CONFLICT (lane, segment_id) DO UPDATE SET n = z.n + excluded.n
),
dayed AS (
    INSERT INTO segment_day AS d (lane, segment_id, day, joined, parted)
    SELECT lane, segment_id, %(day)s::date, count(*) FILTER (WHERE step > 0),
        count(*) FILTER (WHERE step < 0)
    FROM changed GROUP BY lane, segment_id
    ON CONFLICT (lane, segment_id, day) DO UPDATE
    SET joined = d.joined + excluded.joined, parted = d.parted + excluded.parted
),
touched AS (
    INSERT INTO touch (lane, contact_id, kind, name, at, detail)
    SELECT x.lane, x.contact_id, 'segment', s.key, %(now)s,
        jsonb_build_object('change', x.change, 'cause', %(cause)s::text)
    FROM changed x JOIN segment s ON s.id = x.segment_id
    WHERE %(touching)s
)
SELECT segment_id, lane, contact_id, change FROM changed

-- name: write_edges
-- A piece: keep when time may next change the answer. An earlier edge that is there is left: it comes
-- too early, and the next is found then. So a contact that is active every day costs no write a day.
edged AS (
    INSERT INTO time_edge AS d (lane, segment_id, contact_id, due_at)
    SELECT lane, segment_id, contact_id, due_at FROM judged WHERE due_at IS NOT NULL
    ON CONFLICT (lane, segment_id, contact_id) DO UPDATE SET due_at = excluded.due_at
    WHERE d.due_at <= %(now)s OR excluded.due_at < d.due_at
),
spent AS (
    DELETE FROM time_edge d USING judged j
    WHERE d.lane = j.lane AND d.segment_id = j.segment_id AND d.contact_id = j.contact_id
        AND j.due_at IS NULL AND d.due_at <= %(now)s
),

-- name: judge_edges
-- A piece: when time may next change one segment's rule for everybody in some lanes; `{edges}` says it.
judged AS MATERIALIZED (
    SELECT c.lane, %(segment)s::bigint AS segment_id, c.id AS contact_id, {edges} AS due_at
    FROM contact c WHERE c.lane = ANY(%(lanes)s::smallint[])
),

-- name: write_judged
-- A piece: whom a rule was asked about while its build is under way.
witnessed AS (
    INSERT INTO segment_judged (lane, segment_id, contact_id)
    SELECT lane, segment_id, contact_id FROM judged
    WHERE segment_id = ANY(%(building)s::bigint[])
    ON CONFLICT DO NOTHING
),

-- name: judge_lanes
-- A rule is asked about whole lanes while its build is under way. Index: segment_judged pk.
INSERT INTO segment_judged (lane, segment_id, contact_id)
SELECT c.lane, %(segment)s, c.id FROM contact c WHERE c.lane = ANY(%(lanes)s::smallint[])
ON CONFLICT DO NOTHING

-- name: refresh_touched
-- Ask some segments' rules about some contacts, and write who joins and leaves. Contacts to ask the
-- same segments about share a set of segments, and each is read once. `{cases}` asks the rule of each, `{edges}` when time may next change its answer. Indexes: contact pk, membership pk, held_out pk, and those of the rules.
WITH judged AS MATERIALIZED (
    SELECT k.lane, k.contact_id, t.segment_id,
        t.segment_id = ANY(%(dynamic)s::bigint[]) AS leaves,
        {cases} AS is_true, ({edges})::timestamptz AS due_at
    FROM unnest(%(k_lanes)s::smallint[], %(k_contacts)s::bigint[], %(k_sets)s::integer[])
        k (lane, contact_id, set_no)
    CROSS JOIN LATERAL (SELECT * FROM contact c WHERE c.lane = k.lane AND c.id = k.contact_id
        AND c.lane = ANY(%(lanes)s::smallint[]) OFFSET 0) c
    JOIN unnest(%(t_sets)s::integer[], %(t_segments)s::bigint[]) t (set_no, segment_id)
        ON t.set_no = k.set_no
),
compared AS MATERIALIZED (
    SELECT j.*, m.contact_id IS NOT NULL AS is_member, coalesce(m.by_hand, false) AS by_hand,
        h.contact_id IS NOT NULL AS is_held_out
    FROM judged j
    LEFT JOIN LATERAL (SELECT m.contact_id, m.by_hand FROM membership m
        WHERE m.lane = j.lane AND m.segment_id = j.segment_id AND m.contact_id = j.contact_id
        OFFSET 0) m ON true
    LEFT JOIN LATERAL (SELECT h.contact_id FROM held_out h
        WHERE h.lane = j.lane AND h.segment_id = j.segment_id AND h.contact_id = j.contact_id
        OFFSET 0) h ON true
),
joined AS (
    INSERT INTO membership (lane, segment_id, contact_id, since)
    SELECT lane, segment_id, contact_id, %(now)s FROM compared
    WHERE is_true AND NOT is_member AND NOT is_held_out
    ON CONFLICT (lane, segment_id, contact_id) DO NOTHING
    RETURNING lane, segment_id, contact_id
),
parted AS (
    DELETE FROM membership m USING compared x
    WHERE m.lane = x.lane AND m.segment_id = x.segment_id AND m.contact_id = x.contact_id
        AND x.leaves AND x.is_member AND NOT x.by_hand AND NOT x.is_true
    RETURNING m.lane, m.segment_id, m.contact_id
),
freed AS (
    DELETE FROM held_out h USING compared x
    WHERE h.lane = x.lane AND h.segment_id = x.segment_id AND h.contact_id = x.contact_id
        AND x.is_held_out AND NOT x.is_true
),
{writes}
{write_changes}

-- name: refresh_lanes
-- Ask one segment's rule about everybody in some lanes, where time was never looked at or has
-- jumped. `{rule}` is the rule; `{writes}` are `judge_edges` and `write_edges` where it has next edges.
-- Indexes: those of the rule, membership pk, held_out pk.
WITH matched AS MATERIALIZED (
    SELECT c.lane, c.id AS contact_id FROM contact c
    WHERE c.lane = ANY(%(lanes)s::smallint[]) AND {rule}
),
joined AS (
    INSERT INTO membership (lane, segment_id, contact_id, since)
    SELECT x.lane, %(segment)s, x.contact_id, %(now)s FROM matched x
    WHERE (x.lane, x.contact_id) NOT IN (SELECT h.lane, h.contact_id FROM held_out h
        WHERE h.lane = ANY(%(lanes)s::smallint[]) AND h.segment_id = %(segment)s)
    ON CONFLICT (lane, segment_id, contact_id) DO NOTHING
    RETURNING lane, segment_id, contact_id
),
parted AS (
    DELETE FROM membership m
    WHERE %(leaves)s AND m.lane = ANY(%(lanes)s::smallint[]) AND m.segment_id = %(segment)s
        AND NOT m.by_hand
        AND (m.lane, m.contact_id) NOT IN (SELECT lane, contact_id FROM matched)
    RETURNING m.lane, m.segment_id, m.contact_id
),
freed AS (
    DELETE FROM held_out h
    WHERE h.lane = ANY(%(lanes)s::smallint[]) AND h.segment_id = %(segment)s
        AND (h.lane, h.contact_id) NOT IN (SELECT lane, contact_id FROM matched)
),
{writes}
{write_changes}

-- name: members_add
-- Add contacts by hand: held in from now on, and no longer held out. Indexes: contact pk,
-- membership pk, held_out pk. The segment is a column
-- of `wanted`, so that PostgreSQL joins by whole keys even where it takes a new segment for empty.
WITH wanted AS MATERIALIZED (
    SELECT c.lane, c.id AS contact_id, %(segment)s::bigint AS segment_id
    FROM unnest(%(t_lanes)s::smallint[], %(t_contacts)s::bigint[]) t (lane, contact_id)
    JOIN contact c ON c.lane = t.lane AND c.id = t.contact_id
),
freed AS (
    DELETE FROM held_out h USING wanted w
    WHERE h.lane = w.lane AND h.segment_id = w.segment_id AND h.contact_id = w.contact_id
),
held_in AS (
    UPDATE membership m SET by_hand = true FROM wanted w
    WHERE m.lane = w.lane AND m.segment_id = w.segment_id AND m.contact_id = w.contact_id
        AND NOT m.by_hand
),
joined AS (
    INSERT INTO membership (lane, segment_id, contact_id, since, by_hand)
    SELECT w.lane, w.segment_id, w.contact_id, %(now)s, true FROM wanted w
    ON CONFLICT (lane, segment_id, contact_id) DO NOTHING
    RETURNING lane, segment_id, contact_id
),
parted AS (SELECT lane, segment_id, contact_id FROM joined WHERE false),
{write_changes}

-- name: members_remove
-- Remove contacts by hand; who fulfils the rule is held out until it has turned false. `{rule}` is
-- the rule. Indexes: contact pk, membership pk, held_out pk, and those of the rule.
WITH wanted AS MATERIALIZED (
    SELECT c.lane, c.id AS contact_id, %(segment)s::bigint AS segment_id, {rule} AS is_true
    FROM unnest(%(t_lanes)s::smallint[], %(t_contacts)s::bigint[]) t (lane, contact_id)
    JOIN contact c ON c.lane = t.lane AND c.id = t.contact_id
),
parted AS (
    DELETE FROM membership m USING wanted w
    WHERE m.lane = w.lane AND m.segment_id = w.segment_id AND m.contact_id = w.contact_id
    RETURNING m.lane, m.segment_id, m.contact_id
),
held AS (
    INSERT INTO held_out (lane, segment_id, contact_id, since)
    SELECT w.lane, %(segment)s, w.contact_id, %(now)s
    FROM wanted w JOIN parted p ON p.lane = w.lane AND p.contact_id = w.contact_id
    WHERE w.is_true AND %(holds_out)s
    ON CONFLICT (lane, segment_id, contact_id) DO NOTHING
),
joined AS (SELECT lane, segment_id, contact_id FROM parted WHERE false),
{write_changes}

-- name: sizes_less_contact
-- Count a contact out of its segments' sizes, before its rows go. Index: membership_of_contact.
UPDATE segment_size z SET n = z.n - 1
FROM membership m
WHERE m.lane = %(lane)s AND m.contact_id = %(contact)s
    AND z.lane = m.lane AND z.segment_id = m.segment_id

-- name: merge_memberships
-- Give the kept contact the lost one's memberships: the earlier `since`, by hand if either was. Who
-- is held out stays out. Index: membership_of_contact.
WITH lost AS MATERIALIZED (
    SELECT m.segment_id, m.since, m.by_hand FROM membership m
    WHERE m.lane = %(lost_lane)s AND m.contact_id = %(lost)s
        AND (m.by_hand OR NOT EXISTS (SELECT FROM held_out h WHERE h.lane = %(kept_lane)s
            AND h.segment_id = m.segment_id AND h.contact_id = %(kept)s))
),
freed AS (
    DELETE FROM held_out h USING lost x
    WHERE h.lane = %(kept_lane)s AND h.contact_id = %(kept)s AND h.segment_id = x.segment_id
),
both_in AS (
    UPDATE membership m SET since = least(m.since, x.since), by_hand = m.by_hand OR x.by_hand
    FROM lost x
    WHERE m.lane = %(kept_lane)s AND m.contact_id = %(kept)s AND m.segment_id = x.segment_id
),
joined AS (
    INSERT INTO membership (lane, segment_id, contact_id, since, by_hand)
    SELECT %(kept_lane)s, x.segment_id, %(kept)s, x.since, x.by_hand FROM lost x
    WHERE NOT EXISTS (SELECT FROM membership m WHERE m.lane = %(kept_lane)s
        AND m.contact_id = %(kept)s AND m.segment_id = x.segment_id)
    ON CONFLICT (lane, segment_id, contact_id) DO NOTHING
    RETURNING lane, segment_id
)
INSERT INTO segment_size AS z (lane, segment_id, n) SELECT lane, segment_id, 1 FROM joined
ON CONFLICT (lane, segment_id) DO UPDATE SET n = z.n + excluded.n

-- name: merge_held_out
-- Hold the kept contact out where the lost one was, unless it is a member. Index:
-- held_out_of_contact.
INSERT INTO held_out (lane, segment_id, contact_id, since)
SELECT %(kept_lane)s, h.segment_id, %(kept)s, h.since FROM held_out h
WHERE h.lane = %(lost_lane)s AND h.contact_id = %(lost)s
    AND NOT EXISTS (SELECT FROM membership m WHERE m.lane = %(kept_lane)s
        AND m.segment_id = h.segment_id AND m.contact_id = %(kept)s)
ON CONFLICT (lane, segment_id, contact_id) DO NOTHING

-- name: merge_history
-- Make the lost contact's history the kept one's. Index: membership_change_of_contact.
UPDATE membership_change SET lane = %(kept_lane)s, contact_id = %(kept)s
WHERE lane = %(lost_lane)s AND contact_id = %(lost)s

-- name: merge_touches
-- Have every segment that either was in, or held out of, asked again about the kept contact.
INSERT INTO touch (lane, contact_id, kind, name, at, detail)
SELECT %(kept_lane)s, %(kept)s, 'segment', s.key, %(now)s, '{"change": "merged"}'
FROM segment s
WHERE s.id IN (
    SELECT segment_id FROM membership WHERE lane = %(kept_lane)s AND contact_id = %(kept)s
    UNION SELECT segment_id FROM membership WHERE lane = %(lost_lane)s AND contact_id = %(lost)s
    UNION SELECT segment_id FROM held_out WHERE lane = %(kept_lane)s AND contact_id = %(kept)s
)

-- name: sizes
-- The size of every segment, or of those asked for. Index: segment_size_of_segment.
SELECT segment_id, sum(n)::bigint FROM segment_size
WHERE segment_id = ANY(%(segments)s::bigint[]) GROUP BY segment_id

-- name: sizes_recounted
-- Where the counted sizes differ from the members there are: nothing, if all is well.
SELECT s.key, coalesce(z.lane, m.lane) AS lane, coalesce(z.n, 0) AS counted,
    coalesce(m.n, 0) AS members
FROM (SELECT lane, segment_id, count(*) AS n FROM membership GROUP BY 1, 2) m
FULL JOIN segment_size z ON z.lane = m.lane AND z.segment_id = m.segment_id
JOIN segment s ON s.id = coalesce(z.segment_id, m.segment_id)
WHERE coalesce(z.n, 0) <> coalesce(m.n, 0)
ORDER BY 1, 2
