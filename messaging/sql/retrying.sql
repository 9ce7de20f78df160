-- Messages that failed are tried again.

-- name: messages_again
-- Failed messages go back into the outbox, as if they had just been put in. What belongs to a visit
-- that has been taken out of its flow since is cancelled instead. Index: message pk, or
-- message_not_sent, message_of_template, message_of_flow.
WITH chosen AS (
    SELECT m.lane, m.id
      FROM message m
     WHERE m.status = 'failed'
       AND (%(ids)s::bigint[] IS NULL OR m.id = ANY(%(ids)s::bigint[]))
       AND (%(template)s::bigint IS NULL OR m.template_id = %(template)s::bigint)
       AND (%(flow)s::text IS NULL OR m.flow = %(flow)s::text)
       AND (%(node)s::text IS NULL OR m.node = %(node)s::text)
     ORDER BY m.id DESC
     LIMIT %(limit)s
), held AS (
    SELECT m.lane, m.id
      FROM message m
      JOIN chosen ON chosen.lane = m.lane AND chosen.id = m.id
     ORDER BY m.lane, m.id
       FOR UPDATE OF m
)
UPDATE message m
   SET status = CASE WHEN m.reason = '' THEN 'queued' ELSE 'cancelled' END,
       template_id = coalesce(%(using)s::bigint, m.template_id),
       error = '', attempts = 0, due_at = %(now)s, claim = NULL, begun_at = NULL
  FROM held
 WHERE m.lane = held.lane AND m.id = held.id AND m.status = 'failed'
RETURNING m.status
