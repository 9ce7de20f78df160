-- What needs attention.

-- name: mails_failing
-- How many messages failed lately, since when, and why the last one did. Index: message_not_sent.
SELECT count(*), min(created_at), coalesce((array_agg(error ORDER BY id DESC))[1], '')
  FROM (SELECT id, created_at, error FROM message
         WHERE status = 'failed' AND created_at >= %(since)s
         ORDER BY id DESC LIMIT 10000) lately

-- name: mails_put_off
-- How many messages of those next due wait for another try. Index: message_due.
SELECT count(*), min(created_at), coalesce((array_agg(error ORDER BY id DESC))[1], '')
  FROM (SELECT id, created_at, error FROM message
         WHERE status = 'queued' ORDER BY due_at, id LIMIT 1000) next
 WHERE error <> ''
