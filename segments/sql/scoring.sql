-- The set work of scoring. What an event gave bears the event's instant, and decay the instant at
-- which it fell due, so that the ledger does not depend on when the engine came to it.

-- name: event_rules
-- The rules that give points for events: a small table.
SELECT id, edition, event, conditions, points, decay_per_week, limit_times, limit_per
FROM score_rule WHERE kind = 'event' AND status = 'active' ORDER BY id

-- name: award_events
-- Give points for events, each once. Of a limit's stretch the earliest events count: one that came
-- late takes the place of the last, whose entries go, as if all had come in order. Returns what it
-- changed. Indexes: event pk, score_award_once_per_event, score_award_of_contact,
-- score_change_of_award.
WITH asked AS MATERIALIZED (
    SELECT a.* FROM unnest(%(lanes)s::smallint[], %(contacts)s::bigint[], %(rules)s::bigint[],
        %(editions)s::integer[], %(events)s::bigint[], %(ats)s::timestamptz[],
        %(points)s::numeric[], %(decays)s::numeric[], %(nexts)s::timestamptz[],
        %(spans)s::bigint[], %(mosts)s::integer[], %(activities)s::boolean[])
        a (lane, contact_id, rule_id, edition, event_id, at, points, decay, next_at, span, most,
            is_activity)
    JOIN event e ON e.lane = a.lane AND e.id = a.event_id AND NOT (a.is_activity AND e.touch)
    WHERE NOT EXISTS (SELECT FROM score_award w WHERE w.lane = a.lane AND w.rule_id = a.rule_id
        AND w.event_id = a.event_id)
),
ranked AS MATERIALIZED (
    SELECT u.*, row_number() OVER (PARTITION BY u.lane, u.contact_id, u.rule_id, u.span
        ORDER BY u.at, u.event_id) AS place
    FROM (
        SELECT a.lane, a.contact_id, a.rule_id, a.span, a.at, a.event_id, a.most, NULL::bigint AS id
        FROM asked a WHERE a.most IS NOT NULL
        UNION ALL
        SELECT w.lane, w.contact_id, w.rule_id, w.span, w.at, w.event_id, s.most, w.id
        FROM (SELECT DISTINCT a.lane, a.contact_id, a.rule_id, a.edition, a.span, a.most
            FROM asked a WHERE a.most IS NOT NULL) s
        JOIN score_award w ON w.lane = s.lane AND w.contact_id = s.contact_id
            AND w.rule_id = s.rule_id AND w.span = s.span AND w.edition = s.edition
    ) u
),
displaced AS (
    DELETE FROM score_award w USING ranked r
    WHERE w.lane = r.lane AND w.id = r.id AND r.place > r.most
    RETURNING w.lane, w.id
),
unwritten AS (
    DELETE FROM score_change s USING displaced d WHERE s.lane = d.lane AND s.award_id = d.id
    RETURNING s.lane, s.contact_id, -s.delta AS delta, s.at
),
given AS (
    INSERT INTO score_award (lane, contact_id, rule_id, event_id, edition, at, points, remaining,
        decay_per_week, next_decay_at, span)
    SELECT a.lane, a.contact_id, a.rule_id, a.event_id, a.edition, a.at, a.points, a.points,
        a.decay, a.next_at, a.span
    FROM asked a
    WHERE a.most IS NULL OR EXISTS (SELECT FROM ranked r WHERE r.lane = a.lane
        AND r.rule_id = a.rule_id AND r.event_id = a.event_id AND r.place <= r.most)
    ON CONFLICT (lane, rule_id, event_id) WHERE event_id IS NOT NULL DO NOTHING
    RETURNING id, lane, contact_id, rule_id, event_id, points, at
),
written AS (
    INSERT INTO score_change (lane, contact_id, delta, at, reason, rule_id, award_id)
    SELECT g.lane, g.contact_id, g.points, g.at, 'event:' || e.name, g.rule_id, g.id
    FROM given g JOIN event e ON e.lane = g.lane AND e.id = g.event_id
)
SELECT lane, contact_id, points AS delta, at FROM given
UNION ALL SELECT lane, contact_id, delta::numeric, at FROM unwritten

-- name: settle_joined
-- Contacts that were joined may have more than a rule gives one: what is too much goes, as if they
-- had always been one. Indexes: score_award_of_contact, score_change_of_award.
WITH ranked AS MATERIALIZED (
    SELECT w.lane, w.id, w.surplus, r.limit_times, row_number() OVER (
        PARTITION BY w.lane, w.contact_id, w.rule_id, w.span, w.edition, w.surplus
        ORDER BY w.at, w.event_id) AS place
    FROM unnest(%(lanes)s::smallint[], %(contacts)s::bigint[]) a (lane, contact_id)
    JOIN score_award w ON w.lane = a.lane AND w.contact_id = a.contact_id
    JOIN score_rule r ON r.id = w.rule_id
    WHERE w.surplus OR (w.span IS NOT NULL AND w.edition = r.edition)
),
undone AS (
    DELETE FROM score_award w USING ranked r
    WHERE w.lane = r.lane AND w.id = r.id AND (r.surplus OR r.place > r.limit_times)
    RETURNING w.lane, w.id
)
DELETE FROM score_change s USING undone u WHERE s.lane = u.lane AND s.award_id = u.id
RETURNING s.lane, s.contact_id, -s.delta AS delta, s.at

-- name: settle_taking
-- Take back what rules gave to contacts of whom they are no longer true. `{asked}` yields lane,
-- contact_id, rule_id. Indexes: score_award_once_while_true, membership pk.
WITH asked AS MATERIALIZED ({asked}),
taken AS (
    DELETE FROM score_award w USING asked a, score_rule r
    WHERE r.id = a.rule_id AND r.kind = 'rule' AND r.status = 'active'
        AND w.lane = a.lane AND w.rule_id = a.rule_id AND w.contact_id = a.contact_id
        AND w.event_id IS NULL AND NOT w.surplus
        AND w.edition > greatest(r.kept_until, r.void_until)
        AND NOT EXISTS (SELECT FROM membership m WHERE m.lane = a.lane
            AND m.segment_id = r.segment_id AND m.contact_id = a.contact_id)
    RETURNING w.id, w.lane, w.contact_id, w.rule_id, w.remaining
)
INSERT INTO score_change (lane, contact_id, delta, at, reason, rule_id, award_id)
SELECT lane, contact_id, -remaining, %(now)s, 'rule:false', rule_id, id FROM taken
WHERE remaining <> 0
RETURNING lane, contact_id, delta, at

-- name: settle_giving
-- Give contacts of whom rules have turned true their points, once. `{asked}` as above.
-- Indexes: membership pk, score_award_once_while_true.
WITH asked AS MATERIALIZED ({asked}),
given AS (
    INSERT INTO score_award (lane, contact_id, rule_id, edition, at, points, remaining,
        decay_per_week, next_decay_at)
    SELECT a.lane, a.contact_id, r.id, r.edition, %(now)s, r.points, r.points, r.decay_per_week,
        CASE WHEN r.decay_per_week IS NOT NULL THEN %(in_a_week)s::timestamptz END
    FROM asked a
    JOIN score_rule r ON r.id = a.rule_id AND r.kind = 'rule' AND r.status = 'active'
    JOIN membership m ON m.lane = a.lane AND m.segment_id = r.segment_id
        AND m.contact_id = a.contact_id
    ON CONFLICT (lane, rule_id, contact_id) WHERE event_id IS NULL AND NOT surplus DO NOTHING
    RETURNING id, lane, contact_id, rule_id, points
)
INSERT INTO score_change (lane, contact_id, delta, at, reason, rule_id, award_id)
SELECT lane, contact_id, points, %(now)s, 'rule', rule_id, id FROM given
RETURNING lane, contact_id, delta, at

-- name: asked_contacts
-- A piece: some contacts and rules.
SELECT DISTINCT a.lane, a.contact_id, a.rule_id FROM unnest(%(lanes)s::smallint[],
    %(contacts)s::bigint[], %(rules)s::bigint[]) a (lane, contact_id, rule_id)

-- name: asked_lanes
-- A piece: everybody in some lanes of whom a rule is true, or to whom it gave something.
-- Indexes: membership pk, score_award_once_while_true.
SELECT m.lane, m.contact_id, r.id AS rule_id
FROM score_rule r JOIN membership m ON m.segment_id = r.segment_id
WHERE r.id = %(rule)s AND m.lane = ANY(%(lanes)s::smallint[])
UNION
SELECT w.lane, w.contact_id, w.rule_id FROM score_award w
WHERE w.lane = ANY(%(lanes)s::smallint[]) AND w.rule_id = %(rule)s AND w.event_id IS NULL

-- name: take_back
-- Take back what is left of all that a rule gave by editions that a person has made void.
-- `{of_kind}` is what the index of the rule's kind holds.
-- Indexes: score_award_once_per_event, score_award_once_while_true.
WITH taken AS (
    DELETE FROM score_award w USING score_rule r
    WHERE r.id = %(rule)s AND w.rule_id = r.id AND w.lane = ANY(%(lanes)s::smallint[])
        AND w.edition <= r.void_until AND {of_kind}
    RETURNING w.id, w.lane, w.contact_id, w.rule_id, w.remaining
)
INSERT INTO score_change (lane, contact_id, delta, at, reason, rule_id, award_id)
SELECT lane, contact_id, -remaining, %(now)s, %(reason)s, rule_id, id FROM taken
WHERE remaining <> 0
RETURNING lane, contact_id, delta, at

-- name: forget_awards
-- A rule is deleted and its points are kept: nothing fades or is taken back any more.
-- Indexes: as above.
DELETE FROM score_award w
WHERE w.rule_id = %(rule)s AND w.lane = ANY(%(lanes)s::smallint[]) AND {of_kind}

-- name: decays_due
-- The awards of which decay takes something now. Index: score_award_decays.
SELECT w.id, w.lane, w.contact_id, w.rule_id, w.remaining, w.decay_per_week, w.next_decay_at
FROM score_award w
WHERE w.lane = ANY(%(lanes)s::smallint[]) AND w.next_decay_at <= %(now)s
    AND (%(contacts)s::bigint[] IS NULL OR w.contact_id = ANY(%(contacts)s::bigint[]))
LIMIT %(most)s

-- name: lanes_decaying
-- The lanes in which something is due to fade. Index: score_award_decays.
SELECT l FROM unnest(%(lanes)s::smallint[]) l
WHERE EXISTS (SELECT FROM score_award w WHERE w.lane = l AND w.next_decay_at <= %(now)s)

-- name: fade_awards
-- What is left of awards. Index: score_award_pkey.
UPDATE score_award w SET remaining = f.remaining, next_decay_at = f.next_at
FROM unnest(%(ids)s::bigint[], %(lanes)s::smallint[], %(remaining)s::numeric[],
    %(nexts)s::timestamptz[]) f (id, lane, remaining, next_at)
WHERE w.lane = f.lane AND w.id = f.id

-- name: write_decays
-- What decay took, each at the instant at which it fell due.
INSERT INTO score_change (lane, contact_id, delta, at, reason, rule_id, award_id)
SELECT d.lane, d.contact_id, d.delta, d.at, 'decay', d.rule_id, d.award_id
FROM unnest(%(lanes)s::smallint[], %(contacts)s::bigint[], %(deltas)s::numeric[],
    %(ats)s::timestamptz[], %(rules)s::bigint[], %(awards)s::bigint[])
    d (lane, contact_id, delta, at, rule_id, award_id)

-- name: lock_scores
-- The contacts whose scores change, in the order in which everybody locks them. Index: contact pk.
SELECT c.id FROM contact c
WHERE (c.id, c.lane) IN (SELECT k.id, k.lane
    FROM unnest(%(contacts)s::bigint[], %(lanes)s::smallint[]) k (id, lane))
ORDER BY c.id FOR NO KEY UPDATE OF c

-- name: change_scores
-- Bring scores up to the ledger, as decimals so that the order of adding can't matter, and touch
-- whom it concerns. Index: contact pk.
WITH changed AS (
    UPDATE contact c SET
        score = (c.score::numeric + n.delta)::double precision,
        field_times = CASE WHEN n.delta = 0 THEN c.field_times
            ELSE c.field_times || jsonb_build_object('score',
                greatest(n.since, coalesce(c.field_times ->> 'score', ''))) END
    FROM unnest(%(lanes)s::smallint[], %(contacts)s::bigint[], %(deltas)s::numeric[],
        %(sinces)s::text[], %(ats)s::timestamptz[]) n (lane, contact_id, delta, since, at)
    WHERE c.lane = n.lane AND c.id = n.contact_id
    RETURNING c.lane, c.id, n.at
)
INSERT INTO touch (lane, contact_id, kind, name, at)
SELECT x.lane, x.id, k.kind, k.name, x.at
FROM changed x CROSS JOIN (VALUES ('field', 'score'), ('score', '')) k (kind, name)
ORDER BY x.id, k.kind

-- name: merge_awards
-- What the lost contact was given, the kept one was. Index: score_award_of_contact.
UPDATE score_award w SET lane = %(kept_lane)s, contact_id = %(kept)s,
    surplus = w.surplus OR (w.event_id IS NULL AND EXISTS (SELECT FROM score_award k
        WHERE k.lane = %(kept_lane)s AND k.contact_id = %(kept)s AND k.rule_id = w.rule_id
            AND k.event_id IS NULL AND NOT k.surplus))
WHERE w.lane = %(lost_lane)s AND w.contact_id = %(lost)s

-- name: merge_touch
-- Have the pulse look whether the two together were given too much.
INSERT INTO touch (lane, contact_id, kind, name, at, detail)
VALUES (%(kept_lane)s, %(kept)s, 'score', '', %(now)s, '{"change": "merged"}')

-- name: given_by
-- Whether a rule has given anything that still stands. Indexes: as above.
SELECT EXISTS (SELECT FROM lane l
    JOIN LATERAL (SELECT FROM score_award w
        WHERE w.lane = l.lane AND w.rule_id = %(rule)s AND {of_kind} LIMIT 1) g ON true)

-- name: standing
-- To how many contacts a rule has given what still stands, and how much. Indexes: as above.
SELECT count(DISTINCT w.contact_id), coalesce(sum(w.remaining), 0)
FROM lane l JOIN score_award w ON w.lane = l.lane AND w.rule_id = %(rule)s AND {of_kind}

-- name: ledger_by_rule
-- What each rule has come to for a contact; without a rule, what flows and others changed.
-- Index: score_change_of_contact.
SELECT s.rule_id, sum(s.delta::numeric), max(s.at) FROM score_change s
WHERE s.lane = %(lane)s AND s.contact_id = %(contact)s GROUP BY s.rule_id

-- name: preview_events
-- What an event-kind rule would have given in a span of time, by contact, and how it stands now.
-- `{named}` and `{where}` are the events; the same ones count in a limit as do in `award_events`.
-- Index: event_named.
WITH happened AS (
    SELECT e.contact_id, e.at, row_number() OVER (PARTITION BY e.contact_id,
        floor(extract(epoch FROM (e.at AT TIME ZONE %(zone)s) - timestamp '1970-01-05')
            / %(per)s::double precision)
        ORDER BY e.at, e.id) AS place
    FROM event e
    WHERE e.lane = ANY(%(lanes)s::smallint[]) AND e.at > %(since)s AND e.at <= %(now)s
        AND {named}{where}
),
given AS MATERIALIZED (
    SELECT h.contact_id, count(*) AS times,
        sum(greatest(0, abs(%(points)s::numeric) - coalesce(%(decay)s::numeric, 0)
            * floor(extract(epoch FROM %(now)s - h.at) / 604800))) AS remaining
    FROM happened h
    WHERE %(most)s::integer IS NULL OR h.place <= %(most)s::integer
    GROUP BY h.contact_id
)
SELECT count(*), coalesce(sum(times), 0)::bigint, coalesce(sum(remaining), 0),
    array[count(*) FILTER (WHERE times = 1), count(*) FILTER (WHERE times = 2),
        count(*) FILTER (WHERE times BETWEEN 3 AND 4),
        count(*) FILTER (WHERE times BETWEEN 5 AND 9), count(*) FILTER (WHERE times >= 10)],
    (SELECT array_agg(t.contact_id ORDER BY t.times DESC, t.contact_id)
        FROM (SELECT * FROM given ORDER BY times DESC, contact_id LIMIT %(sample)s) t),
    (SELECT array_agg(t.times ORDER BY t.times DESC, t.contact_id)
        FROM (SELECT * FROM given ORDER BY times DESC, contact_id LIMIT %(sample)s) t)
FROM given
