-- The tables of Holdfast's rooms. Apply this file with every release; it changes nothing that is there.
-- Moments are in UTC.

-- Effects outside the database, written in the transaction of the rows they follow from.
CREATE TABLE IF NOT EXISTS outbox (
  id text PRIMARY KEY,
  tenant_id text NOT NULL,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  due_at timestamp(3) NOT NULL,
  locked_until timestamp(3),
  attempts integer NOT NULL DEFAULT 0,
  last_error text
);
CREATE INDEX IF NOT EXISTS outbox_due_at_idx ON outbox (due_at);

-- Steps of jobs that wrote to this database: a step was done if its row exists. Kept for 30 days.
CREATE TABLE IF NOT EXISTS job_steps (
  tenant_id text NOT NULL,
  job_id text NOT NULL,
  step text NOT NULL,
  result text NOT NULL,
  applied_at timestamp(3) NOT NULL,
  CONSTRAINT job_steps_tenant_id_step_key PRIMARY KEY (tenant_id, job_id, step)
);
CREATE INDEX IF NOT EXISTS job_steps_applied_at_idx ON job_steps (applied_at);

-- Commits of requests that their callers may send again: a commit was made if its row exists. Kept for 2 days.
CREATE TABLE IF NOT EXISTS idempotent_commits (
  tenant_id text NOT NULL,
  caller text NOT NULL,
  key text NOT NULL,
  step integer NOT NULL,
  fingerprint text NOT NULL,
  outcome text NOT NULL,
  committed_at timestamp(3) NOT NULL,
  CONSTRAINT idempotent_commits_tenant_id_step_key PRIMARY KEY (tenant_id, caller, key, step)
);
CREATE INDEX IF NOT EXISTS idempotent_commits_committed_at_idx ON idempotent_commits (committed_at);

-- Writes that a flush has applied, and that its journal may still have. Kept for 1 day.
CREATE TABLE IF NOT EXISTS applied_writes (
  id text PRIMARY KEY,
  applied_at timestamp(3) NOT NULL
);
CREATE INDEX IF NOT EXISTS applied_writes_applied_at_idx ON applied_writes (applied_at);
