-- Mails to sales reps.

-- name: notices_insert
-- Puts in the wanted mails, each queued to the contact's rep or withheld with its reason, and counts
-- the queued ones. A rep who is named is who alone signs in here by that name.
-- Index: contact (lane, id), message_once; app_user is a small table.
WITH wanted AS (
    SELECT n.*, btrim(coalesce(c.owner, '')) AS owner
      FROM unnest(%(lanes)s::smallint[], %(contact_ids)s::bigint[], %(flows)s::text[],
                  %(visit_ids)s::bigint[], %(steps)s::int[], %(nodes)s::text[],
                  %(subjects)s::text[], %(texts)s::text[], %(keys)s::text[])
           AS n(lane, contact_id, flow, visit_id, step, node, subject, body_text, idempotency_key)
      JOIN contact c ON c.lane = n.lane AND c.id = n.contact_id
), named AS (
    SELECT o.owner, min(u.email) AS email, count(*) AS n
      FROM (SELECT DISTINCT owner FROM wanted WHERE owner <> '' AND owner NOT LIKE '%%_@_%%') o
      JOIN app_user u ON u.is_active AND lower(btrim(u.name)) = lower(o.owner)
     GROUP BY o.owner
), put AS (
    INSERT INTO message (
        lane, contact_id, channel, purpose, flow, visit_id, step, node, "to", subject, body_text,
        status, reason, idempotency_key, created_at, due_at
    )
    SELECT w.lane, w.contact_id, 'email', 'notice', w.flow, w.visit_id, w.step, w.node,
           CASE WHEN w.owner LIKE '%%_@_%%' THEN w.owner WHEN u.n = 1 THEN u.email ELSE '' END,
           w.subject, w.body_text,
           CASE WHEN w.owner LIKE '%%_@_%%' OR u.n = 1 THEN 'queued' ELSE 'withheld' END,
           CASE WHEN w.owner LIKE '%%_@_%%' OR u.n = 1 THEN ''
                WHEN w.owner = '' THEN 'the contact has no sales rep'
                WHEN u.n > 1 THEN 'several people who sign in are called ' || w.owner
                ELSE 'nobody who signs in is called ' || w.owner END,
           w.idempotency_key, %(now)s, %(now)s
      FROM wanted w
      LEFT JOIN named u ON u.owner = w.owner
    ON CONFLICT (lane, visit_id, step) DO NOTHING
    RETURNING status
)
SELECT count(*) FILTER (WHERE status = 'queued') FROM put
