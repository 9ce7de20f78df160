-- The flows' own times: goals that time makes true, dates that come, and one-off sends. Every
-- statement names the lane; instants come from outside.

-- name: book_state
-- Whether the book of running flows is still true, as one short text each; the workspace's fields and
-- flows are small tables.
SELECT (SELECT md5(string_agg(f.id || ' ' || f.key || ' ' || f.name || ' ' || f.status || ' ' || coalesce(f.live_version_id, 0) || ' '
               || coalesce(f.moving_to, 0), '|' ORDER BY f.id))
        FROM flow f WHERE f.status IN ('live', 'paused')),
       (SELECT md5(string_agg(d.key || ' ' || d.type, '|' ORDER BY d.key)) FROM field d)

-- name: versions_open
-- The versions of some flows that are live or may have open visits. Index: flow_version (flow_id, number).
SELECT v.id, v.flow_id FROM flow_version v
WHERE v.flow_id = ANY(%(flows)s::bigint[]) AND (v.is_open OR v.id = ANY(%(live)s::bigint[])) ORDER BY v.id

-- name: versions_empty
-- Those of some versions in which nobody is, of all lanes. Index: visit_resting; read up to the first visit.
SELECT x.id FROM unnest(%(versions)s::bigint[], %(flows)s::bigint[]) x (id, flow_id)
WHERE NOT EXISTS (
    SELECT FROM visit v
    WHERE v.flow_id = x.flow_id AND v.version_id = x.id AND v.state IN ('inside', 'failed') AND v.lane = ANY(%(lanes)s::smallint[])
    OFFSET 0)

-- name: versions_close
-- Versions that nobody is in and nobody enters any more. Index: flow_version pk.
UPDATE flow_version SET is_open = false WHERE id = ANY(%(versions)s::bigint[]) AND is_open

-- name: version_reopen
-- A version that has just ceased to be live: whoever is in it stays. Index: flow_version pk.
UPDATE flow_version SET is_open = true WHERE id = %(version)s AND NOT is_open

-- name: versions_by_id
-- Some versions as they were published. Index: flow_version pk.
SELECT id, flow_id, number, graph, settings FROM flow_version WHERE id = ANY(%(versions)s::bigint[]) ORDER BY id

-- name: timers_in_use
-- The triggers of some flows that go by the clock. Index: flow_timer_in_use.
SELECT id, flow_id, node, kind, begins_at, person_by FROM flow_timer
WHERE retired_at IS NULL AND flow_id = ANY(%(flows)s::bigint[]) ORDER BY id

-- name: goals_due
-- Whose goal time may have made true. Index: visit_goal.
SELECT v.id, v.lane, v.contact_id, v.flow_id, v.version_id, v.node,
       (extract(epoch FROM v.arrived_at) * 1000000)::bigint, (extract(epoch FROM v.entered_at) * 1000000)::bigint,
       (extract(epoch FROM v.entry_at) * 1000000)::bigint, v.trigger, v.steps, v.state = 'failed'
FROM visit v
WHERE v.lane = ANY(%(lanes)s::smallint[]) AND v.goal_at <= %(until)s AND v.state IN ('inside', 'failed')
LIMIT %(limit)s

-- name: goals_look
-- When time may next make these visits' goals true; NULL where it never does. Index: visit pk.
UPDATE visit v SET goal_at = x.at
FROM unnest(%(visit_lanes)s::smallint[], %(visits)s::bigint[], %(ats)s::timestamptz[]) x (lane, id, at)
WHERE v.lane = x.lane AND v.id = x.id AND v.lane = ANY(%(lanes)s::smallint[])

-- name: goals_look_sooner
-- The same after data have changed: what is there and comes earlier is left, as it costs no write. Index: visit pk.
UPDATE visit v SET goal_at = x.at
FROM unnest(%(visit_lanes)s::smallint[], %(visits)s::bigint[], %(ats)s::timestamptz[]) x (lane, id, at)
WHERE v.lane = x.lane AND v.id = x.id AND v.lane = ANY(%(lanes)s::smallint[]) AND (v.goal_at IS NULL OR v.goal_at > x.at)

-- name: goals_anew
-- Everybody's goal is asked in the next pulse. Index: visit_resting.
UPDATE visit v SET goal_at = %(now)s
WHERE v.flow_id = %(flow)s AND v.version_id = %(version)s AND v.lane = ANY(%(lanes)s::smallint[]) AND v.state IN ('inside', 'failed')

-- name: zones_left
-- The lanes whose deadlines were worked out in another zone than the workspace's. Index: lane_zone pk.
SELECT lane FROM lane_zone WHERE lane = ANY(%(lanes)s::smallint[]) AND zone <> %(zone)s ORDER BY lane

-- name: zones_new
-- Lanes that are worked for the first time.
INSERT INTO lane_zone (lane, zone) SELECT l, %(zone)s FROM unnest(%(lanes)s::smallint[]) l ON CONFLICT (lane) DO NOTHING

-- name: zones_keep
-- The zone in which the deadlines of these lanes stand from now on. Index: lane_zone pk.
UPDATE lane_zone SET zone = %(zone)s WHERE lane = ANY(%(lanes)s::smallint[])

-- name: rests_anew
-- Who rests at nodes whose deadline depends on the zone is decided anew. Index: visit_resting.
UPDATE visit v SET due_at = %(now)s
FROM unnest(%(flows)s::bigint[], %(versions)s::bigint[], %(nodes)s::text[]) x (flow_id, version_id, node)
WHERE v.flow_id = x.flow_id AND v.version_id = x.version_id AND v.node = x.node AND v.state = 'inside'
  AND v.lane = ANY(%(lanes)s::smallint[]) AND v.due_at IS NOT NULL

-- name: timers_waiting
-- The lanes in which a timer has something to do: work that is left, appointments that have come. Indexes: flow_timer_work,
-- flow_timer_gathering, appointment_due.
SELECT l.lane FROM unnest(%(lanes)s::smallint[]) l (lane)
WHERE EXISTS (
        SELECT FROM flow_timer_lane k
        WHERE k.lane = l.lane AND k.phase NOT IN ('done', 'swept')
          AND (k.phase = 'sweep' OR k.timer_id = ANY(%(working)s::bigint[]))
          AND (k.phase <> 'choose' OR NOT EXISTS (SELECT FROM flow_timer_lane g WHERE g.timer_id = k.timer_id AND g.phase = 'gather')))
   OR EXISTS (
        SELECT FROM unnest(%(firing)s::bigint[]) t (id)
        CROSS JOIN LATERAL (SELECT FROM appointment a WHERE a.lane = l.lane AND a.timer_id = t.id AND a.at <= %(now)s LIMIT 1) a)

-- name: timers_work
-- What is left to do in these lanes. Indexes: flow_timer_work, flow_timer_gathering.
SELECT k.timer_id, k.phase, k.lane, k.upto FROM flow_timer_lane k
WHERE k.lane = ANY(%(lanes)s::smallint[]) AND k.phase NOT IN ('done', 'swept')
  AND (k.phase = 'sweep' OR k.timer_id = ANY(%(working)s::bigint[]))
  AND (k.phase <> 'choose' OR NOT EXISTS (SELECT FROM flow_timer_lane g WHERE g.timer_id = k.timer_id AND g.phase = 'gather'))
ORDER BY k.timer_id, k.phase, k.lane

-- name: timers_advance
-- How far the work has come. Index: flow_timer_lane pk.
UPDATE flow_timer_lane k SET phase = x.phase, upto = x.upto
FROM unnest(%(timer_lanes)s::smallint[], %(phases)s::text[], %(uptos)s::text[]) x (lane, phase, upto)
WHERE k.lane = x.lane AND k.timer_id = %(timer)s

-- name: dates_there
-- The next contacts of these lanes that have a date (`{value}`), by id. Index: contact (lane, id).
SELECT l.lane, c.id, c.value FROM unnest(%(timer_lanes)s::smallint[], %(uptos)s::bigint[]) l (lane, upto)
CROSS JOIN LATERAL (
    SELECT c.id, {value} AS value FROM contact c
    WHERE c.lane = l.lane AND c.id > l.upto AND {value} IS NOT NULL
    ORDER BY c.id LIMIT %(per_lane)s) c
ORDER BY l.lane, c.id

-- name: values_there
-- A field (`{value}`) of some contacts. Index: contact (lane, id).
SELECT c.id, {value} FROM unnest(%(contact_lanes)s::smallint[], %(contacts)s::bigint[]) x (lane, id)
JOIN contact c ON c.lane = x.lane AND c.id = x.id

-- name: appointments_done
-- At which instants these contacts have been let in last. Index: appointment pk.
SELECT a.contact_id, a.timer_id, a.done_at FROM unnest(%(contact_lanes)s::smallint[], %(contacts)s::bigint[]) x (lane, id)
JOIN appointment a ON a.lane = x.lane AND a.contact_id = x.id AND a.timer_id = ANY(%(timers)s::bigint[])
WHERE a.done_at IS NOT NULL

-- name: appointments_fill
-- First appointments. Who has one, has it by a change that came since, and that counts. Index: appointment pk.
INSERT INTO appointment (lane, contact_id, timer_id, at)
SELECT c.lane, c.id, %(timer)s, x.at
FROM unnest(%(contact_lanes)s::smallint[], %(contacts)s::bigint[], %(ats)s::timestamptz[]) x (lane, id, at)
JOIN contact c ON c.lane = x.lane AND c.id = x.id
ON CONFLICT (lane, contact_id, timer_id) DO NOTHING

-- name: appointments_move
-- A date has changed. Index: appointment pk.
INSERT INTO appointment AS a (lane, contact_id, timer_id, at)
SELECT c.lane, c.id, x.timer_id, x.at
FROM unnest(%(contact_lanes)s::smallint[], %(contacts)s::bigint[], %(timers)s::bigint[], %(ats)s::timestamptz[]) x (lane, id, timer_id, at)
JOIN contact c ON c.lane = x.lane AND c.id = x.id
ON CONFLICT (lane, contact_id, timer_id) DO UPDATE SET at = excluded.at WHERE a.at IS DISTINCT FROM excluded.at

-- name: appointments_due
-- Whom timers let in now, no more than so many. Index: appointment_due.
SELECT a.lane, a.contact_id, a.timer_id, a.at
FROM unnest(%(lanes)s::smallint[]) l (lane) CROSS JOIN unnest(%(timers)s::bigint[]) t (id)
CROSS JOIN LATERAL (
    SELECT a.lane, a.contact_id, a.timer_id, a.at FROM appointment a
    WHERE a.lane = l.lane AND a.timer_id = t.id AND a.at <= %(until)s ORDER BY a.at LIMIT %(per_lane)s) a
LIMIT %(limit)s

-- name: appointments_kept
-- Dates that have come: when they come next. Index: appointment pk.
UPDATE appointment a SET done_at = x.done_at, at = x.at
FROM unnest(%(contact_lanes)s::smallint[], %(contacts)s::bigint[], %(timers)s::bigint[], %(done)s::timestamptz[], %(ats)s::timestamptz[])
  x (lane, contact_id, timer_id, done_at, at)
WHERE a.lane = x.lane AND a.contact_id = x.contact_id AND a.timer_id = x.timer_id

-- name: appointments_over
-- What was once. Index: appointment pk.
DELETE FROM appointment a
USING unnest(%(contact_lanes)s::smallint[], %(contacts)s::bigint[], %(timers)s::bigint[]) x (lane, contact_id, timer_id)
WHERE a.lane = x.lane AND a.contact_id = x.contact_id AND a.timer_id = x.timer_id

-- name: members_gather
-- The next members of the segments of a `once`, by id, each with who they are (`{key}`; without a key, themselves). They meet
-- in the lane of that key. Indexes: membership pk, contact (lane, id), gathered pk.
WITH found AS MATERIALIZED (
    SELECT l.lane, m.contact_id, m.barred FROM unnest(%(timer_lanes)s::smallint[], %(uptos)s::bigint[]) l (lane, upto)
    CROSS JOIN LATERAL (
        SELECT n.contact_id, bool_or(n.segment_id = ANY(%(exclude)s::bigint[])) AS barred
        FROM unnest(%(segments)s::bigint[]) s (id)
        CROSS JOIN LATERAL (
            SELECT m.contact_id, m.segment_id FROM membership m
            WHERE m.lane = l.lane AND m.segment_id = s.id AND m.contact_id > l.upto ORDER BY m.contact_id LIMIT %(per_lane)s) n
        GROUP BY n.contact_id ORDER BY n.contact_id LIMIT %(per_lane)s) m
),
kept AS (
    INSERT INTO gathered (lane, timer_id, person, contact_id, barred, reachable, seen_at, created_at)
    SELECT get_byte(decode(p.person, 'hex'), 0) %% 64, %(timer)s, p.person::uuid, p.id, p.barred, p.reachable, p.last_seen_at, p.created_at
    FROM (
        SELECT md5(coalesce('k' || {key}, 'c' || c.id)) AS person, c.id, f.barred, {reachable} AS reachable, c.last_seen_at, c.created_at
        FROM found f JOIN contact c ON c.lane = f.lane AND c.id = f.contact_id
    ) p
    ON CONFLICT (lane, timer_id, person, contact_id) DO NOTHING
)
SELECT lane, count(*), max(contact_id) FROM found GROUP BY lane

-- name: persons_choose
-- The next persons of these lanes, each with the contact that stands for them: who can be reached, then was seen last, then is
-- older. NULL for who is excluded. Indexes: gathered pk, contact (lane, id).
SELECT l.lane, p.person::text, CASE WHEN NOT p.barred THEN p.contact_id END
FROM unnest(%(timer_lanes)s::smallint[], %(uptos)s::uuid[]) l (lane, upto)
CROSS JOIN LATERAL (
    SELECT g.person, bool_or(g.barred) AS barred,
        (array_agg(g.contact_id ORDER BY g.reachable DESC, g.seen_at DESC NULLS LAST, g.created_at, g.contact_id))[1] AS contact_id
    FROM gathered g JOIN contact c ON c.lane = g.contact_id %% 64 AND c.id = g.contact_id
    WHERE g.lane = l.lane AND g.timer_id = %(timer)s AND g.person > l.upto
    GROUP BY g.person ORDER BY g.person LIMIT %(per_lane)s) p
ORDER BY l.lane, p.person

-- name: gathered_drop
-- Those who have been chosen from. Index: gathered pk.
DELETE FROM gathered g USING unnest(%(timer_lanes)s::smallint[], %(uptos)s::uuid[]) x (lane, upto)
WHERE g.lane = x.lane AND g.timer_id = %(timer)s AND g.person <= x.upto

-- name: sweep_appointments
-- What is left of a retired timer, in pieces. Index: appointment_due, appointment pk.
WITH left_over AS (
    SELECT a.lane, a.contact_id FROM unnest(%(timer_lanes)s::smallint[], %(uptos)s::bigint[]) l (lane, upto)
    CROSS JOIN LATERAL (
        SELECT a.lane, a.contact_id FROM appointment a
        WHERE a.lane = l.lane AND a.contact_id > l.upto AND a.timer_id = %(timer)s ORDER BY a.contact_id LIMIT %(per_lane)s) a
), gone AS (
    DELETE FROM appointment a USING left_over o WHERE a.lane = o.lane AND a.contact_id = o.contact_id AND a.timer_id = %(timer)s
)
SELECT lane, count(*), max(contact_id) FROM left_over GROUP BY lane

-- name: sweep_gathered
-- The same of whom it had gathered. Index: gathered pk.
DELETE FROM gathered g WHERE g.lane = ANY(%(timer_lanes)s::smallint[]) AND g.timer_id = %(timer)s

-- name: timers_begin
-- A timer's work, in every lane.
INSERT INTO flow_timer_lane (lane, timer_id, phase) SELECT l, %(timer)s, %(phase)s FROM unnest(%(lanes)s::smallint[]) l
ON CONFLICT (lane, timer_id) DO NOTHING

-- name: timers_sweep
-- What is left of retired timers is to go. Index: flow_timer_lane pk.
UPDATE flow_timer_lane k SET phase = 'sweep', upto = ''
WHERE k.lane = ANY(%(lanes)s::smallint[]) AND k.timer_id = ANY(%(timers)s::bigint[]) AND k.phase <> 'swept'

-- name: merge_appointments
-- What the lost contact was to get once, the kept one gets. Dates follow their fields. Index: appointment pk.
INSERT INTO appointment (lane, contact_id, timer_id, at)
SELECT %(kept_lane)s, %(kept_id)s, a.timer_id, a.at FROM appointment a JOIN flow_timer t ON t.id = a.timer_id AND t.kind = 'once'
WHERE a.lane = %(lost_lane)s AND a.contact_id = %(lost_id)s
ON CONFLICT (lane, contact_id, timer_id) DO NOTHING

-- name: merge_gathered
-- Whoever has been gathered is so as the kept contact. Index: gathered_contact.
UPDATE gathered g SET contact_id = %(kept_id)s
WHERE g.contact_id = %(lost_id)s AND NOT EXISTS (
    SELECT FROM gathered o WHERE o.lane = g.lane AND o.timer_id = g.timer_id AND o.person = g.person AND o.contact_id = %(kept_id)s)
