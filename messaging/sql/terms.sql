-- Messages that keep quiet at certain hours, or are limited per contact.

-- name: messages_insert_on_terms
-- Puts in the wanted messages of one flow with terms, each queued (perhaps until its contact's quiet
-- hours end), held back beyond the limit, or withheld with its reason. The limit counts what waits or
-- went out of all flows, and what stands before it in this very set. Counts what is queued for now.
-- Index: contact (lane, id), consent (lane, contact_id, topic), message_of_contact, message_once.
WITH wanted AS (
    SELECT n.*, m.id AS template_id, m.subject AS template_subject, c.email,
           {why_withheld} AS reason,
           CASE WHEN z.name IS NULL THEN %(ends)s::timestamptz ELSE z.ends END AS send_at,
           CASE WHEN z.name IS NULL THEN %(since)s::timestamptz ELSE z.since END AS since
      FROM unnest(%(lanes)s::smallint[], %(contact_ids)s::bigint[], %(flows)s::text[],
                  %(visit_ids)s::bigint[], %(steps)s::int[], %(nodes)s::text[],
                  %(templates)s::text[], %(topics)s::text[], %(triggers)s::jsonb[],
                  %(from_emails)s::text[], %(subjects)s::text[], %(keys)s::text[])
           WITH ORDINALITY
           AS n(lane, contact_id, flow, visit_id, step, node, template, topic, trigger,
                from_email, subject, idempotency_key, i)
      JOIN contact c ON c.lane = n.lane AND c.id = n.contact_id
      LEFT JOIN template m ON m.key = n.template
      LEFT JOIN topic t ON t.key = n.topic
      LEFT JOIN consent k ON k.lane = c.lane AND k.contact_id = c.id AND k.topic = n.topic
      LEFT JOIN unnest(%(zones)s::text[], %(zone_ends)s::timestamptz[],
                       %(zone_sinces)s::timestamptz[]) AS z(name, ends, since)
             ON z.name = c.timezone
), counted AS (
    SELECT w.*,
           coalesce(%(most)s::int <= count(*)
               FILTER (WHERE w.reason IS NULL AND w.template_id IS NOT NULL)
               OVER (PARTITION BY w.lane, w.contact_id ORDER BY w.i
                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
             + (SELECT count(*) FROM message x
                 WHERE %(most)s::int IS NOT NULL
                   AND x.lane = w.lane AND x.contact_id = w.contact_id
                   AND x.purpose = 'marketing'
                   AND (x.status IN ('queued', 'sending')
                        OR (x.status = 'sent' AND x.sent_at > w.since))), false) AS is_over
      FROM wanted w
), put AS (
    INSERT INTO message (
        lane, contact_id, channel, flow, visit_id, step, node, template_id, topic, trigger, "to",
        from_email, subject, subject_override, status, reason, error, idempotency_key, created_at,
        due_at, send_at, terms
    )
    SELECT w.lane, w.contact_id, 'email', w.flow, w.visit_id, w.step, w.node, w.template_id,
           w.topic, w.trigger, coalesce(w.email, ''), w.from_email,
           coalesce(w.subject, w.template_subject, ''), w.subject,
           CASE WHEN w.template_id IS NULL THEN 'failed'
                WHEN w.reason IS NOT NULL THEN 'withheld'
                WHEN w.is_over THEN 'held_back'
                ELSE 'queued' END,
           CASE WHEN w.template_id IS NULL THEN ''
                WHEN w.reason IS NOT NULL THEN w.reason
                WHEN w.is_over THEN %(over)s
                WHEN q.send_at IS NOT NULL THEN %(waits)s
                ELSE '' END,
           CASE WHEN w.template_id IS NULL
                THEN 'the template ' || w.template || ' does not exist' ELSE '' END,
           w.idempotency_key, %(now)s, coalesce(q.send_at, %(now)s), q.send_at, %(terms)s::jsonb
      FROM counted w
     CROSS JOIN LATERAL (
            SELECT CASE WHEN w.template_id IS NOT NULL AND w.reason IS NULL AND NOT w.is_over
                        THEN w.send_at END AS send_at) q
    ON CONFLICT (lane, visit_id, step) DO NOTHING
    RETURNING status, send_at
)
SELECT count(*) FILTER (WHERE status = 'queued' AND send_at IS NULL) FROM put

-- name: contacts_of_limited
-- Has the contacts of limited messages begun by one worker at a time, so that two workers do not
-- each count what the other is about to send. Index: message_claimed, contact (lane, id).
SELECT c.id
  FROM message m
  JOIN contact c ON c.lane = m.lane AND c.id = m.contact_id
 WHERE m.claim = %(claim)s AND m.status = 'sending' AND m.id = ANY(%(ids)s::bigint[])
 ORDER BY c.id
   FOR NO KEY UPDATE OF c

-- name: messages_wait
-- Claimed messages that came into quiet hours go back into the queue until these end. Index: message_claimed.
WITH mine AS (
    SELECT m.lane, m.id, x.until
      FROM unnest(%(ids)s::bigint[], %(untils)s::timestamptz[]) AS x(id, until)
      JOIN message m ON m.id = x.id
     WHERE m.claim = %(claim)s AND m.status = 'sending'
     ORDER BY m.lane, m.id
       FOR UPDATE OF m
)
UPDATE message m
   SET status = 'queued', due_at = mine.until, send_at = mine.until, reason = %(waits)s,
       claim = NULL, begun_at = NULL
  FROM mine
 WHERE m.lane = mine.lane AND m.id = mine.id
