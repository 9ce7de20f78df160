-- What a backtest needs: the structure of the real tables, and pieces of their rows. `{source}` is
-- the schema of the real tables; names without a schema are those of the trial's own.

-- name: tables
-- The tables that a trial has, too. A partitioned one is a plain table there.
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(source)s AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND NOT c.relname LIKE ANY(%(left_out)s) ORDER BY c.relname

-- name: sequences
-- The sequences behind columns that are filled by default (those of identity columns follow alone).
SELECT s.relname, t.relname, a.attname
FROM pg_class s
JOIN pg_namespace n ON n.oid = s.relnamespace
JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'a'
JOIN pg_class t ON t.oid = d.refobjid
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE n.nspname = %(source)s AND s.relkind = 'S' AND NOT t.relname LIKE ANY(%(left_out)s)
ORDER BY s.relname

-- name: collations
-- The collations that the rooms have made.
SELECT c.collname FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
WHERE n.nspname = %(source)s ORDER BY c.collname

-- name: functions
-- The functions that the rooms have made: not those of extensions and of the jobs.
SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = %(source)s AND p.prokind = 'f' AND NOT p.proname LIKE 'procrastinate\_%%'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid

-- name: constraints
-- Keys and checks; what refers to another table is left out, as rows of those may be.
SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(source)s AND k.contype IN ('p', 'u', 'c', 'x') AND NOT c.relispartition
    AND c.relkind IN ('r', 'p') AND NOT c.relname LIKE ANY(%(left_out)s)
ORDER BY k.contype = 'c', c.relname, k.conname

-- name: indexes
-- The indexes behind which no key stands.
SELECT pg_get_indexdef(i.indexrelid)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(source)s AND NOT c.relispartition AND c.relkind IN ('r', 'p')
    AND NOT c.relname LIKE ANY(%(left_out)s)
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY i.indexrelid

-- name: triggers
-- The triggers that the rooms have made.
SELECT pg_get_triggerdef(t.oid)
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(source)s AND NOT t.tgisinternal AND NOT c.relispartition
    AND NOT c.relname LIKE ANY(%(left_out)s)
ORDER BY t.oid

-- name: trials
-- The schemas of trials.
SELECT nspname FROM pg_namespace WHERE nspname LIKE 'trial\_%%' ORDER BY nspname

-- name: columns
-- The columns of a table of the trial that are written.
SELECT a.attname FROM pg_attribute a
WHERE a.attrelid = (current_schema() || '.' || %(table)s)::regclass AND a.attnum > 0
    AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum

-- name: who
-- The contacts of a backtest: those who were there at its end and, if that is asked for, are in a
-- segment or did something by which they might come in. Index (real tables): contact pk, membership
-- pk, event (lane, name, at).
CREATE UNLOGGED TABLE trial_contact AS
SELECT c.lane, c.id, c.created_at > %(begins)s AS comes
FROM {source}.contact c
WHERE c.created_at <= %(ends)s
    AND (%(segment)s::text IS NULL OR EXISTS (
        SELECT FROM {source}.membership m JOIN {source}.segment s ON s.id = m.segment_id
        WHERE s.key = %(segment)s AND m.lane = c.lane AND m.contact_id = c.id))
    AND (%(doing)s::text[] IS NULL OR (c.lane, c.id) IN (
        SELECT e.lane, e.contact_id FROM {source}.event e
        WHERE e.name = ANY(%(doing)s::text[]) AND e.at > %(begins)s AND e.at <= %(ends)s))

-- name: copy_contacts
-- The contacts who were there at the start; the others come in time. `{columns}` are theirs.
INSERT INTO contact ({columns}) OVERRIDING SYSTEM VALUE
SELECT {columns_c} FROM {source}.contact c JOIN trial_contact w ON w.lane = c.lane AND w.id = c.id
WHERE NOT w.comes

-- name: copy_comers
-- Those who come in the period, kept apart until they do.
INSERT INTO trial_comer ({columns})
SELECT {columns_c} FROM {source}.contact c JOIN trial_contact w ON w.lane = c.lane AND w.id = c.id
WHERE w.comes

-- name: copy_events
-- What they did, numbered as it happened. A rule sees an event only from its instant on.
INSERT INTO event ({columns}) OVERRIDING SYSTEM VALUE
SELECT {columns_e} FROM (
    SELECT e.*, row_number() OVER (ORDER BY e.at, e.id) AS place
    FROM {source}.event e JOIN trial_contact w ON w.lane = e.lane AND w.id = e.contact_id
    WHERE e.at <= %(ends)s AND (%(names)s::text[] IS NULL OR e.name = ANY(%(names)s::text[]))
) e

-- name: copy_scores
-- The ledger, without what the flow itself wrote into it.
INSERT INTO score_change ({columns}) OVERRIDING SYSTEM VALUE
SELECT {columns_s} FROM {source}.score_change s
JOIN trial_contact w ON w.lane = s.lane AND w.id = s.contact_id
WHERE s.at <= %(ends)s AND s.reason <> %(own)s

-- name: scores_at_start
-- The scores that contacts had at the start: the sums of their ledgers so far.
UPDATE contact c SET score = coalesce((SELECT sum(s.delta) FROM score_change s
    WHERE s.lane = c.lane AND s.contact_id = c.id AND s.at <= %(begins)s), 0)

-- name: copy_consents
-- What contacts had chosen at the start; what they chose later comes in time.
INSERT INTO consent ({columns}) OVERRIDING SYSTEM VALUE
SELECT {columns_k} FROM {source}.consent k
JOIN trial_contact w ON w.lane = k.lane AND w.id = k.contact_id WHERE k.at <= %(begins)s

-- name: copy_members
-- Who was in segments whose rules do not tell: static and ranked ones, by hand, growing ones.
INSERT INTO membership ({columns})
SELECT {columns_m} FROM {source}.membership m
JOIN trial_contact w ON w.lane = m.lane AND w.id = m.contact_id
JOIN segment s ON s.id = m.segment_id
WHERE (s.top IS NOT NULL OR (m.since <= %(begins)s AND (m.by_hand OR s.kind <> 'dynamic')))

-- name: copy_left
-- Members of static segments who have left in the period were in them at its start.
INSERT INTO membership (lane, segment_id, contact_id, since, by_hand)
SELECT f.lane, f.segment_id, f.contact_id, %(begins)s, true FROM (
    SELECT DISTINCT ON (m.segment_id, m.lane, m.contact_id) m.lane, m.segment_id, m.contact_id, m.change
    FROM {source}.membership_change m
    JOIN trial_contact w ON w.lane = m.lane AND w.id = m.contact_id AND NOT w.comes
    JOIN segment s ON s.id = m.segment_id AND s.kind = 'static' AND s.top IS NULL
    WHERE m.at > %(begins)s AND m.at <= %(ends)s
    ORDER BY m.segment_id, m.lane, m.contact_id, m.id) f
WHERE f.change = 'left'
ON CONFLICT DO NOTHING

-- name: copy_held_out
-- Who was held out at the start.
INSERT INTO held_out ({columns})
SELECT {columns_h} FROM {source}.held_out h
JOIN trial_contact w ON w.lane = h.lane AND w.id = h.contact_id
JOIN segment s ON s.id = h.segment_id WHERE h.since <= %(begins)s

-- name: feed_make
-- What comes in the period besides events, in order of time.
CREATE UNLOGGED TABLE trial_feed (
    at timestamptz NOT NULL, lane smallint NOT NULL, contact_id bigint NOT NULL,
    kind text NOT NULL, name text NOT NULL, value jsonb)

-- name: feed_comers
-- Contacts who come.
INSERT INTO trial_feed SELECT c.created_at, c.lane, c.id, 'new', '', NULL FROM trial_comer c

-- name: feed_fields
-- Custom fields whose present value came in the period: until then they are missing.
INSERT INTO trial_feed
SELECT (t.value)::timestamptz, c.lane, c.id, 'field', t.key, c.fields -> t.key
FROM (SELECT lane, id, fields, field_times FROM contact
      UNION ALL SELECT lane, id, fields, field_times FROM trial_comer) c
CROSS JOIN LATERAL jsonb_each_text(c.field_times) t
WHERE t.key = ANY(%(keys)s::text[]) AND c.fields ? t.key
    AND t.value > %(begins_text)s AND t.value <= %(ends_text)s

-- name: unset_fields
-- Their fields are missing at the start.
UPDATE contact c SET fields = c.fields - f.keys, field_times = c.field_times - f.keys
FROM (SELECT lane, contact_id, array_agg(name) AS keys FROM trial_feed WHERE kind = 'field'
      GROUP BY lane, contact_id) f
WHERE c.lane = f.lane AND c.id = f.contact_id

-- name: unset_comers_fields
-- As above, of those who come.
UPDATE trial_comer c SET fields = c.fields - f.keys, field_times = c.field_times - f.keys
FROM (SELECT lane, contact_id, array_agg(name) AS keys FROM trial_feed WHERE kind = 'field'
      GROUP BY lane, contact_id) f
WHERE c.lane = f.lane AND c.id = f.contact_id

-- name: feed_column
-- A built-in field whose present value came in the period. `{column}` is the field.
INSERT INTO trial_feed
SELECT (c.field_times ->> '{column}')::timestamptz, c.lane, c.id, 'column', '{column}', to_jsonb(c.{column})
FROM contact c
WHERE c.{column} IS NOT NULL AND c.field_times ->> '{column}' > %(begins_text)s
    AND c.field_times ->> '{column}' <= %(ends_text)s

-- name: unset_column
-- It is missing at the start.
UPDATE contact c SET {column} = NULL, field_times = c.field_times - '{column}'
FROM trial_feed f WHERE f.kind = 'column' AND f.name = '{column}' AND c.lane = f.lane AND c.id = f.contact_id

-- name: feed_reach
-- What came in the way of e-mail in the period. `{column}` is the instant at which it did.
INSERT INTO trial_feed SELECT c.{column}, c.lane, c.id, 'reach', '{column}', NULL FROM contact c
WHERE c.{column} > %(begins)s

-- name: unset_reach
-- It was not in the way at the start.
UPDATE contact c SET {column} = NULL WHERE c.{column} > %(begins)s

-- name: feed_consents
-- What contacts chose in the period.
INSERT INTO trial_feed
SELECT k.at, k.lane, k.contact_id, 'consent', k.topic, to_jsonb(k.state) FROM {source}.consent k
JOIN trial_contact w ON w.lane = k.lane AND w.id = k.contact_id
WHERE k.at > %(begins)s AND k.at <= %(ends)s

-- name: feed_scores
-- The changes of score in the period.
INSERT INTO trial_feed
SELECT s.at, s.lane, s.contact_id, 'score', '', to_jsonb(s.delta) FROM score_change s WHERE s.at > %(begins)s

-- name: feed_members
-- Who was put into static segments, or out of them, in the period.
INSERT INTO trial_feed
SELECT m.at, m.lane, m.contact_id, 'segment', s.key, to_jsonb(m.change)
FROM {source}.membership_change m
JOIN trial_contact w ON w.lane = m.lane AND w.id = m.contact_id
JOIN segment s ON s.id = m.segment_id AND s.kind = 'static' AND s.top IS NULL
WHERE m.at > %(begins)s AND m.at <= %(ends)s

-- name: feed_index
-- The feed is read slice by slice.
CREATE INDEX trial_feed_at ON trial_feed (at)

-- name: events_index
-- The events of a slice. Those before the start are history alone.
CREATE INDEX trial_event_at ON event (at) WHERE at > {begins}

-- name: next_events
-- The next instants, at most so many, at which anything comes. Indexes: trial_event_at, trial_feed_at.
SELECT at FROM (
    (SELECT DISTINCT e.at FROM (SELECT e.at FROM event e WHERE e.at > {begins} AND e.at > %(after)s ORDER BY e.at LIMIT %(most)s) e)
    UNION
    (SELECT f.at FROM trial_feed f WHERE f.at > %(after)s ORDER BY f.at LIMIT %(most)s)) x
ORDER BY at LIMIT %(most)s

-- name: next_due
-- When the next rest ends, goal may be reached by time, or timer goes off. Indexes: visit_due,
-- visit_goal, appointment_due.
SELECT min(d.at) FROM unnest(%(lanes)s::smallint[]) l
CROSS JOIN LATERAL (
    (SELECT v.due_at AS at FROM visit v WHERE v.lane = l AND v.due_at IS NOT NULL ORDER BY v.due_at LIMIT 1)
    UNION ALL
    (SELECT g.goal_at FROM visit g WHERE g.lane = l AND g.goal_at IS NOT NULL AND g.state IN ('inside', 'failed') ORDER BY g.goal_at LIMIT 1)
    UNION ALL
    (SELECT a.at FROM flow_timer t CROSS JOIN LATERAL (
        SELECT o.at FROM appointment o WHERE o.lane = l AND o.timer_id = t.id AND o.at IS NOT NULL ORDER BY o.at LIMIT 1) a
     WHERE t.retired_at IS NULL)
    UNION ALL
    (SELECT t.begins_at FROM flow_timer t WHERE t.retired_at IS NULL AND t.begins_at > %(now)s)) d

-- name: touch_events
-- The events of a slice come in; those of contacts whose rest ends before them are kept until that
-- has been seen to, and counted. Indexes: trial_event_at, visit_of_contact.
WITH slice AS MATERIALIZED (
    SELECT e.lane, e.contact_id, e.name, e.id, e.at, EXISTS (
        SELECT FROM visit v WHERE v.lane = e.lane AND v.contact_id = e.contact_id AND v.due_at < e.at) AS late
    FROM event e WHERE e.at > {begins} AND e.at > %(after)s AND e.at <= %(upto)s),
come AS (
    INSERT INTO touch (lane, contact_id, kind, name, event_id, at)
    SELECT s.lane, s.contact_id, 'event', s.name, s.id, s.at FROM slice s WHERE NOT s.late ORDER BY s.id),
kept AS (
    INSERT INTO trial_late SELECT s.lane, s.contact_id, s.name, s.id, s.at FROM slice s WHERE s.late RETURNING 1)
SELECT count(*) FROM kept

-- name: touch_late
-- What was kept comes in.
WITH kept AS (DELETE FROM trial_late RETURNING lane, contact_id, name, id, at)
INSERT INTO touch (lane, contact_id, kind, name, event_id, at)
SELECT k.lane, k.contact_id, 'event', k.name, k.id, k.at FROM kept k ORDER BY k.id

-- name: late_make
-- The events of a slice that are kept for a moment.
CREATE UNLOGGED TABLE trial_late (lane smallint, contact_id bigint, name text, id bigint, at timestamptz)

-- name: feed_slice
-- What else comes in a slice. Index: trial_feed_at.
SELECT f.kind, f.name, f.lane, f.contact_id, f.value::text, f.at FROM trial_feed f
WHERE f.at > %(after)s AND f.at <= %(upto)s ORDER BY f.at

-- name: seen_in_slice
-- Who did something was seen then. Index: trial_event_at.
UPDATE contact c SET last_seen_at = s.at
FROM (SELECT e.lane, e.contact_id, max(e.at) AS at FROM event e
      WHERE e.at > {begins} AND e.at > %(after)s AND e.at <= %(upto)s AND NOT e.touch GROUP BY 1, 2) s
WHERE c.lane = s.lane AND c.id = s.contact_id AND (c.last_seen_at IS NULL OR c.last_seen_at < s.at)
RETURNING c.lane, c.id

-- name: seen_before
-- When contacts were last seen at the start, by what they had done.
UPDATE contact c SET last_seen_at = (SELECT max(e.at) FROM event e
    WHERE e.lane = c.lane AND e.contact_id = c.id AND e.at <= %(begins)s AND NOT e.touch)
WHERE c.last_seen_at > %(begins)s

-- name: send_messages
-- What is due is taken to be sent. Index: message_due.
UPDATE message m SET status = 'sent', sent_at = greatest(m.created_at, m.due_at)
WHERE m.status = 'queued' AND m.due_at <= %(now)s
RETURNING m.lane, m.contact_id, m.id, m.flow, m.node

-- name: end_calls
-- What would have been called is taken to have gone well.
UPDATE call o SET status = 'done', finished_at = %(now)s
WHERE o.status IN ('queued', 'calling') RETURNING o.lane, o.contact_id, o.visit_id, o.step

-- name: emails_by_day
-- How many e-mails would have gone out on each day of the workspace's zone. No index: the trial's end.
SELECT (coalesce(m.sent_at, m.due_at, m.created_at) AT TIME ZONE %(zone)s)::date::text, count(*)
FROM message m WHERE m.status IN ('sent', 'queued') AND m.flow = %(flow)s GROUP BY 1 ORDER BY 1

-- name: come
-- Somebody comes. Index: contact pk.
INSERT INTO contact SELECT * FROM trial_comer o WHERE o.lane = %(lane)s AND o.id = %(id)s

-- name: set_field
-- A custom field takes its present value.
UPDATE contact SET fields = jsonb_set(fields, ARRAY[%(name)s], %(value)s::jsonb),
    field_times = jsonb_set(field_times, ARRAY[%(name)s], to_jsonb(%(since)s::text))
WHERE lane = %(lane)s AND id = %(id)s

-- name: set_column
-- A built-in field does. `{column}` is the field.
UPDATE contact SET {column} = %(value)s,
    field_times = jsonb_set(field_times, ARRAY[%(name)s], to_jsonb(%(since)s::text))
WHERE lane = %(lane)s AND id = %(id)s

-- name: set_reach
-- Something comes in the way of e-mail. `{column}` is the instant at which it did.
UPDATE contact SET {column} = %(at)s WHERE lane = %(lane)s AND id = %(id)s

-- name: add_score
-- A contact's score changes.
UPDATE contact SET score = score + %(value)s::float8 WHERE lane = %(lane)s AND id = %(id)s

-- name: join
-- Somebody is put into a static segment.
INSERT INTO membership (lane, segment_id, contact_id, since, by_hand)
SELECT %(lane)s, s.id, %(id)s, %(at)s, true FROM segment s WHERE s.key = %(name)s
ON CONFLICT DO NOTHING

-- name: part
-- Somebody is taken out of one.
DELETE FROM membership m USING segment s
WHERE s.key = %(name)s AND m.segment_id = s.id AND m.lane = %(lane)s AND m.contact_id = %(id)s

-- name: sent_at_once
-- What is due when it is queued is taken to be sent, as delivery would have right after the pulse: cheaper than an update of each.
CREATE FUNCTION trial_sent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.status := 'sent';
    NEW.sent_at := NEW.created_at;
    RETURN NEW;
END $$;
CREATE TRIGGER trial_sent BEFORE INSERT ON message FOR EACH ROW
    WHEN (NEW.status = 'queued' AND NEW.due_at <= NEW.created_at) EXECUTE FUNCTION trial_sent()
