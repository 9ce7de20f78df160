-- How far a clean-up has come, and what `common` itself has to clean up.

-- name: mark
-- Index: upkeep_mark pk.
SELECT at, id FROM upkeep_mark WHERE what = %(what)s AND lane = %(lane)s

-- name: set_mark
-- Index: upkeep_mark pk.
INSERT INTO upkeep_mark (what, lane, at, id) VALUES (%(what)s, %(lane)s, %(at)s, %(id)s)
ON CONFLICT (what, lane) DO UPDATE SET at = excluded.at, id = excluded.id

-- name: old_jobs
-- Jobs that ended long ago. No index: a few a day.
DELETE FROM job WHERE id IN (
    SELECT id FROM job WHERE finished_at < %(before)s ORDER BY finished_at LIMIT %(bite)s)

-- name: old_queue
-- Jobs of the queue that have failed or were given up: those that succeed are gone after three days.
-- No index: as many rows as there are jobs now.
DELETE FROM procrastinate_jobs WHERE id IN (
    SELECT j.id FROM procrastinate_jobs j
    WHERE j.status NOT IN ('todo', 'doing')
        AND (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id) < %(before)s
    LIMIT %(bite)s)
