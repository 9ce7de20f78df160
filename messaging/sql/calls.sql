-- Calls to other systems. Whoever locks several calls does so in the order (lane, id), and their
-- contacts before them.

-- name: calls_insert
-- Puts in the wanted calls, and counts those to be made. One that is there already is left as it is.
-- Index: contact (lane, id), call_once.
WITH put AS (
    INSERT INTO call (
        lane, contact_id, flow, visit_id, step, node, kind, host, request, status, answer,
        next_try_at, idempotency_key, created_at, finished_at
    )
    SELECT n.lane, n.contact_id, n.flow, n.visit_id, n.step, n.node, n.kind, n.host, n.request,
           CASE WHEN n.host = '' THEN 'failed' ELSE 'queued' END,
           CASE WHEN n.host = '' THEN jsonb_build_object('error', %(unreachable)s::text) ELSE '{}' END,
           %(now)s, n.idempotency_key, %(now)s,
           CASE WHEN n.host = '' THEN %(now)s::timestamptz END
      FROM unnest(%(lanes)s::smallint[], %(contact_ids)s::bigint[], %(flows)s::text[],
                  %(visit_ids)s::bigint[], %(steps)s::int[], %(nodes)s::text[], %(kinds)s::text[],
                  %(hosts)s::text[], %(requests)s::jsonb[], %(keys)s::text[])
           AS n(lane, contact_id, flow, visit_id, step, node, kind, host, request, idempotency_key)
      JOIN contact c ON c.lane = n.lane AND c.id = n.contact_id
    ON CONFLICT (lane, visit_id, step) DO NOTHING
    RETURNING status
)
SELECT count(*) FILTER (WHERE status = 'queued') FROM put

-- name: calls_cancel
-- Calls off what visits have not had called yet; what is being called is not tried again. Index: call_once.
WITH mine AS (
    SELECT c.lane, c.id
      FROM unnest(%(lanes)s::smallint[], %(visit_ids)s::bigint[]) AS v(lane, visit_id)
      JOIN call c ON c.lane = v.lane AND c.visit_id = v.visit_id
     WHERE c.status IN ('queued', 'calling')
     ORDER BY c.lane, c.id
       FOR UPDATE OF c
)
UPDATE call c
   SET status = CASE c.status WHEN 'queued' THEN 'cancelled' ELSE c.status END,
       reason = %(reason)s,
       finished_at = CASE c.status WHEN 'queued' THEN %(now)s::timestamptz END
  FROM mine
 WHERE c.lane = mine.lane AND c.id = mine.id

-- name: calls_stand
-- How the calls of some visits and steps stand. Index: call_once.
SELECT c.visit_id, c.status
  FROM unnest(%(lanes)s::smallint[], %(visit_ids)s::bigint[], %(steps)s::int[])
       AS v(lane, visit_id, step)
  JOIN call c ON c.lane = v.lane AND c.visit_id = v.visit_id AND c.step = v.step

-- name: calls_hosts
-- The hosts that have due calls, and how their circuits stand. Steps from host to host, however many
-- calls each has. Index: call_waiting.
WITH RECURSIVE hosts AS (
    (SELECT c.host FROM call c WHERE c.status = 'queued' ORDER BY c.host LIMIT 1)
    UNION ALL
    SELECT (SELECT c.host FROM call c
             WHERE c.status = 'queued' AND c.host > h.host ORDER BY c.host LIMIT 1)
      FROM hosts h
     WHERE h.host IS NOT NULL
)
SELECT h.host, s.opened_at IS NOT NULL, coalesce(s.retry_at <= %(now)s, true)
  FROM hosts h
 CROSS JOIN LATERAL (
        SELECT c.id FROM call c
         WHERE c.status = 'queued' AND c.host = h.host AND c.next_try_at <= %(now)s
         ORDER BY c.next_try_at LIMIT 1) due
  LEFT JOIN call_host s ON s.host = h.host
 WHERE h.host IS NOT NULL

-- name: hosts_probe
-- Of open circuits whose pause is over, lets one worker probe each. Index: call_host pk.
UPDATE call_host s
   SET retry_at = %(until)s
  FROM unnest(%(hosts)s::text[]) AS x(host)
 WHERE s.host = x.host AND s.opened_at IS NOT NULL AND s.retry_at <= %(now)s
RETURNING s.host

-- name: calls_claim
-- Takes due calls for one worker, so many of each host; others skip them. Those of flows that are
-- held stay. Index: call_waiting.
WITH due AS (
    SELECT q.lane, q.id
      FROM unnest(%(hosts)s::text[], %(ns)s::int[]) AS h(host, n)
     CROSS JOIN LATERAL (
            SELECT c.lane, c.id FROM call c
             WHERE c.status = 'queued' AND c.host = h.host AND c.next_try_at <= %(now)s
               AND (c.flow IS NULL OR c.flow <> ALL(%(held)s::text[]))
             ORDER BY c.next_try_at, c.id
             LIMIT h.n
               FOR UPDATE SKIP LOCKED) q
)
UPDATE call c
   SET status = 'calling', claim = %(claim)s, claimed_at = %(now)s, tries = c.tries + 1
  FROM due
 WHERE c.lane = due.lane AND c.id = due.id
RETURNING c.id, c.host, c.kind, c.request::text, c.tries, c.idempotency_key

-- name: calls_hold
-- Keeps the contacts of calls from being deleted or merged while the outcome is written: the contact
-- is locked before the call, as the pulse and a merge do it too. Index: call_claimed.
SELECT x.id
  FROM call c
  JOIN contact x ON x.lane = c.lane AND x.id = c.contact_id
 WHERE c.claim = %(claim)s AND c.status = 'calling' AND c.id = ANY(%(ids)s::bigint[])
 ORDER BY x.id
   FOR KEY SHARE OF x

-- name: calls_settle
-- Writes what became of claimed calls. One that another worker has taken over since (the claim
-- differs) is left alone; one whose visit has ended meanwhile (it has a reason) is not tried again.
-- Index: call_claimed.
WITH results AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(answers)s::jsonb[],
                         %(next_tries)s::timestamptz[])
        AS r(id, status, answer, next_try_at)
), mine AS (
    SELECT c.lane, c.id
      FROM call c
     WHERE c.claim = %(claim)s AND c.status = 'calling' AND c.id IN (SELECT id FROM results)
     ORDER BY c.lane, c.id
       FOR UPDATE OF c
)
UPDATE call c
   SET status = CASE WHEN r.status = 'queued' AND c.reason <> '' THEN 'cancelled' ELSE r.status END,
       reason = CASE WHEN r.status = 'queued' THEN c.reason ELSE '' END,
       answer = r.answer, claim = NULL,
       next_try_at = coalesce(r.next_try_at, c.next_try_at),
       finished_at = CASE WHEN r.status <> 'queued' OR c.reason <> '' THEN %(now)s::timestamptz END
  FROM mine
  JOIN results r ON r.id = mine.id
 WHERE c.lane = mine.lane AND c.id = mine.id
RETURNING c.id, c.lane, c.contact_id, c.flow, c.visit_id, c.step, c.kind, c.status

-- name: calls_lost
-- What a worker claimed and never settled, because it died; their contacts are locked with them.
-- Index: call_claimed, contact (lane, id).
SELECT c.claim, c.id, c.tries
  FROM call c
  JOIN contact x ON x.lane = c.lane AND x.id = c.contact_id
 WHERE c.status = 'calling' AND c.claimed_at < %(before)s
 ORDER BY x.id, c.id
   FOR KEY SHARE OF x
   FOR UPDATE OF c SKIP LOCKED

-- name: hosts_lock
-- The circuits of some hosts, to be changed. Index: call_host pk.
SELECT host, failures, openings, opened_at, retry_at, error
  FROM call_host WHERE host = ANY(%(hosts)s::text[]) ORDER BY host FOR UPDATE

-- name: hosts_write
-- How circuits stand from now on. Index: call_host pk.
INSERT INTO call_host AS s (host, failures, openings, opened_at, retry_at, error, updated_at)
SELECT x.host, x.failures, x.openings, x.opened_at, x.retry_at, x.error, %(now)s
  FROM unnest(%(hosts)s::text[], %(failures)s::int[], %(openings)s::int[],
              %(opened_ats)s::timestamptz[], %(retry_ats)s::timestamptz[], %(errors)s::text[])
       AS x(host, failures, openings, opened_at, retry_at, error)
 ORDER BY x.host
ON CONFLICT (host) DO UPDATE
   SET failures = excluded.failures, openings = excluded.openings, opened_at = excluded.opened_at,
       retry_at = excluded.retry_at, error = excluded.error, updated_at = excluded.updated_at

-- name: hosts_forget
-- Hosts that answer again are as if they had never failed. Index: call_host pk.
DELETE FROM call_host WHERE host = ANY(%(hosts)s::text[])

-- name: calls_move
-- A contact has been merged into another: its calls go along. Index: call_of_contact.
UPDATE call
   SET lane = %(kept_lane)s, contact_id = %(kept_id)s
 WHERE lane = %(lost_lane)s AND contact_id = %(lost_id)s

-- name: circuits_open
-- The hosts that are not called at present, and how many calls wait for each. Index: call_waiting.
SELECT s.host, s.opened_at, s.retry_at, s.error,
       (SELECT count(*) FROM call c WHERE c.status = 'queued' AND c.host = s.host)
  FROM call_host s
 WHERE s.opened_at IS NOT NULL
 ORDER BY s.opened_at, s.host

-- name: calls_failing
-- Calls that finally failed since an instant, by flow and node. Index: call_not_done.
SELECT c.flow, c.node, count(*), min(c.finished_at), max(c.finished_at)
  FROM call c
 WHERE c.status = 'failed' AND c.finished_at >= %(since)s
 GROUP BY c.flow, c.node

-- name: headers_page
-- The next calls that have headers, held while these are written anew. Index: call_pkey.
WITH page AS (
    SELECT c.id, c.lane FROM call c
     WHERE c.id > %(after)s AND c.kind = 'webhook' AND c.request -> 'headers' <> '{}'
     ORDER BY c.id
     LIMIT %(limit)s
)
SELECT c.id, c.lane, (c.request -> 'headers')::text
  FROM call c JOIN page USING (id, lane)
 ORDER BY c.lane, c.id
   FOR UPDATE OF c

-- name: headers_write
-- Writes the headers of these calls. Index: call_pkey.
UPDATE call c
   SET request = jsonb_set(c.request, '{headers}', n.headers)
  FROM unnest(%(ids)s::bigint[], %(lanes)s::smallint[], %(headers)s::jsonb[])
       AS n(id, lane, headers)
 WHERE c.id = n.id AND c.lane = n.lane
