-- Set work of messaging. Whoever locks several messages does so in the order (lane, id), so that
-- the pulse (which cancels) and delivery (which claims, begins and settles) never deadlock.

-- name: why_withheld
-- A fragment, put where {why_withheld} stands: why contact c may get no e-mail on topic t, given the
-- choice k; null if it may.
CASE
    WHEN coalesce(c.email, '') = '' THEN 'no e-mail address'
    WHEN c.unsubscribed_at IS NOT NULL THEN 'unsubscribed from everything'
    WHEN c.complained_at IS NOT NULL THEN 'complained about an earlier message'
    WHEN c.hard_bounced_at IS NOT NULL THEN 'the address bounced'
    WHEN c.soft_bounces >= 4 THEN 'the address bounced softly four times or more'
    WHEN k.state = 'unsubscribed' THEN 'unsubscribed from ' || coalesce(t.name, k.topic)
    WHEN t.opt_in AND k.state IS DISTINCT FROM 'subscribed' THEN 'has not subscribed to ' || t.name
END

-- name: messages_insert
-- Puts in the wanted messages, each queued or withheld with its reason, and counts the queued ones.
-- Index: contact (lane, id), consent (lane, contact_id, topic), message_once.
WITH put AS (
    INSERT INTO message (
        lane, contact_id, channel, flow, visit_id, step, node, template_id, topic, trigger, "to",
        from_email, subject, subject_override, html, body_text, status, reason, error,
        idempotency_key, attempts, created_at, due_at
    )
    SELECT n.lane, n.contact_id, 'email', n.flow, n.visit_id, n.step, n.node, m.id, n.topic,
           n.trigger, coalesce(c.email, ''), n.from_email, coalesce(n.subject, m.subject, ''),
           n.subject, '', '',
           CASE WHEN m.id IS NULL THEN 'failed'
                WHEN w.reason IS NULL THEN 'queued'
                ELSE 'withheld' END,
           CASE WHEN m.id IS NULL THEN '' ELSE coalesce(w.reason, '') END,
           CASE WHEN m.id IS NULL THEN 'the template ' || n.template || ' does not exist' ELSE '' END,
           n.idempotency_key, 0, %(now)s, %(now)s
      FROM unnest(%(lanes)s::smallint[], %(contact_ids)s::bigint[], %(flows)s::text[],
                  %(visit_ids)s::bigint[], %(steps)s::int[], %(nodes)s::text[],
                  %(templates)s::text[], %(topics)s::text[], %(triggers)s::jsonb[],
                  %(from_emails)s::text[], %(subjects)s::text[], %(keys)s::text[])
           AS n(lane, contact_id, flow, visit_id, step, node, template, topic, trigger,
                from_email, subject, idempotency_key)
      JOIN contact c ON c.lane = n.lane AND c.id = n.contact_id
      LEFT JOIN template m ON m.key = n.template
      LEFT JOIN topic t ON t.key = n.topic
      LEFT JOIN consent k ON k.lane = c.lane AND k.contact_id = c.id AND k.topic = n.topic
     CROSS JOIN LATERAL (SELECT {why_withheld} AS reason) w
    ON CONFLICT (lane, visit_id, step) DO NOTHING
    RETURNING status
)
SELECT count(*) FILTER (WHERE status = 'queued') FROM put

-- name: messages_cancel
-- Calls back the messages of visits, as long as their sending has not begun. One that failed stays
-- so, and one that is being sent is not tried again: the reason says so. Index: message_once.
WITH mine AS (
    SELECT m.lane, m.id
      FROM unnest(%(lanes)s::smallint[], %(visit_ids)s::bigint[]) AS v(lane, visit_id)
      JOIN message m ON m.lane = v.lane AND m.visit_id = v.visit_id
     WHERE m.status IN ('queued', 'sending', 'failed')
     ORDER BY m.lane, m.id
       FOR UPDATE OF m
)
UPDATE message m
   SET status = CASE WHEN m.status = 'failed' OR m.begun_at IS NOT NULL THEN m.status
                     ELSE 'cancelled' END,
       reason = %(reason)s,
       claim = CASE WHEN m.begun_at IS NOT NULL THEN m.claim END
  FROM mine
 WHERE m.lane = mine.lane AND m.id = mine.id

-- name: messages_claim
-- Takes due messages for one worker; others skip them. Those of flows that are held stay.
-- Index: message_due.
WITH due AS (
    SELECT lane, id FROM message
     WHERE status = 'queued' AND due_at <= %(now)s
       AND (flow IS NULL OR flow <> ALL(%(held)s::text[]))
     ORDER BY due_at, id
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
)
UPDATE message m
   SET status = 'sending', claim = %(claim)s, claimed_at = %(now)s, begun_at = NULL
  FROM due
 WHERE m.lane = due.lane AND m.id = due.id
RETURNING m.id, m.lane, m.contact_id, m.flow, m.node, m.template_id, m.trigger::text,
          m.from_email,
          m.subject_override, m.idempotency_key, m.purpose, m.terms::text, m.subject, m.body_text

-- name: messages_begin
-- The check just before sending: of the messages rendered, who is still subscribed and reachable is
-- begun, to the address of this moment; the others are withheld, or held back where other messages
-- have used up their limit meanwhile: of a contact with limited messages, one at a time. What has
-- been cancelled meanwhile is in neither; nor is what belongs to a flow that is held since: the
-- sweep puts that back.
-- Index: message_claimed, contact (lane, id), consent (lane, contact_id, topic), message_of_contact.
WITH mine AS (
    SELECT m.lane, m.id, m.contact_id, m.topic, m.purpose
      FROM message m
     WHERE m.claim = %(claim)s AND m.status = 'sending' AND m.id = ANY(%(ids)s::bigint[])
       AND (m.flow IS NULL OR m.flow <> ALL(%(held)s::text[]))
     ORDER BY m.lane, m.id
       FOR UPDATE OF m
), checked AS (
    SELECT mine.lane, mine.id,
           CASE WHEN mine.purpose = 'marketing' THEN c.email END AS email,
           CASE WHEN w.reason IS NOT NULL THEN 'withheld'
                WHEN l.most <= (
                    SELECT count(*) FROM message x
                     WHERE x.lane = mine.lane AND x.contact_id = mine.contact_id
                       AND x.id <> mine.id AND x.purpose = 'marketing'
                       AND (x.status = 'sent' AND x.sent_at > l.since
                            OR x.status = 'sending' AND x.begun_at IS NOT NULL))
                THEN 'held_back'
                ELSE 'sending' END AS status,
           coalesce(w.reason, l.reason) AS reason
      FROM mine
      JOIN contact c ON c.lane = mine.lane AND c.id = mine.contact_id
      LEFT JOIN topic t ON t.key = mine.topic
      LEFT JOIN consent k
             ON k.lane = mine.lane AND k.contact_id = mine.contact_id AND k.topic = mine.topic
      LEFT JOIN unnest(%(limited)s::bigint[], %(mosts)s::int[], %(sinces)s::timestamptz[],
                       %(reasons)s::text[]) AS l(id, most, since, reason)
             ON l.id = mine.id
     CROSS JOIN LATERAL (
            SELECT CASE WHEN mine.purpose = 'marketing' THEN {why_withheld} END AS reason) w
), decided AS (
    SELECT lane, id, email, status, CASE WHEN status <> 'sending' THEN reason END AS reason
      FROM checked
)
UPDATE message m
   SET status = checked.status,
       reason = coalesce(checked.reason, ''),
       "to" = coalesce(checked.email, m."to"),
       begun_at = CASE WHEN checked.reason IS NULL THEN %(now)s::timestamptz END,
       claim = CASE WHEN checked.reason IS NULL THEN m.claim END,
       attempts = m.attempts + CASE WHEN checked.reason IS NULL THEN 1 ELSE 0 END
  FROM decided AS checked
 WHERE m.lane = checked.lane AND m.id = checked.id
RETURNING m.id, m.status, m."to", m.attempts

-- name: messages_hold
-- Keeps the contacts of messages from being deleted or merged while what was sent is written: the
-- contact is locked before the message, as the pulse and a merge do it too. Index: message_claimed.
SELECT c.id
  FROM message m
  JOIN contact c ON c.lane = m.lane AND c.id = m.contact_id
 WHERE m.claim = %(claim)s AND m.status = 'sending'
 ORDER BY c.id
   FOR KEY SHARE OF c

-- name: messages_settle
-- Writes what became of claimed messages: sent, failed, or queued anew for a later try. A message
-- that another worker has taken over since (the claim differs) is left alone; one whose visit has
-- ended since its sending began (it has a reason) is not tried again. Index: message_claimed.
WITH results AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(errors)s::text[],
                         %(due_ats)s::timestamptz[], %(attempts)s::smallint[], %(subjects)s::text[],
                         %(htmls)s::text[], %(texts)s::text[])
        AS r(id, status, error, due_at, attempts, subject, html, body_text)
), mine AS (
    SELECT m.lane, m.id
      FROM message m
     WHERE m.claim = %(claim)s AND m.status = 'sending' AND m.id IN (SELECT id FROM results)
     ORDER BY m.lane, m.id
       FOR UPDATE OF m
)
UPDATE message m
   SET status = CASE WHEN r.status = 'queued' AND m.reason <> '' THEN 'cancelled'
                     ELSE r.status END,
       reason = CASE WHEN r.status = 'sent' OR m.begun_at IS NULL THEN '' ELSE m.reason END,
       error = r.error, due_at = r.due_at,
       attempts = coalesce(r.attempts, m.attempts),
       subject = coalesce(r.subject, m.subject), html = coalesce(r.html, m.html),
       body_text = coalesce(r.body_text, m.body_text), claim = NULL, begun_at = NULL,
       sent_at = CASE WHEN r.status = 'sent' THEN %(now)s::timestamptz END
  FROM mine
  JOIN results r ON r.id = mine.id
 WHERE m.lane = mine.lane AND m.id = mine.id
RETURNING m.id, m.lane, m.contact_id, m.status

-- name: messages_recover
-- Puts back what a worker claimed and never settled, because it died. What was tried so often may
-- itself be what kills workers, in rendering too, and is given up. Index: message_claimed.
WITH lost AS (
    SELECT lane, id FROM message
     WHERE status = 'sending' AND claimed_at < %(before)s
     ORDER BY lane, id
       FOR UPDATE SKIP LOCKED
)
UPDATE message m
   SET status = CASE WHEN m.begun_at IS NOT NULL AND m.reason <> '' THEN 'cancelled'
                     WHEN m.attempts < %(max_attempts)s THEN 'queued'
                     ELSE 'failed' END,
       error = CASE WHEN m.attempts < %(max_attempts)s THEN m.error ELSE %(given_up)s END,
       attempts = m.attempts + CASE WHEN m.begun_at IS NULL THEN 1 ELSE 0 END,
       claim = NULL, begun_at = NULL
  FROM lost
 WHERE m.lane = lost.lane AND m.id = lost.id

-- name: messages_due
-- Whether any message is due. Index: message_due.
SELECT EXISTS (SELECT 1 FROM message WHERE status = 'queued' AND due_at <= %(now)s)

-- name: messages_move
-- A contact has been merged into another: its messages go along. Index: message_of_contact.
UPDATE message
   SET lane = %(kept_lane)s, contact_id = %(kept_id)s
 WHERE lane = %(lost_lane)s AND contact_id = %(lost_id)s
