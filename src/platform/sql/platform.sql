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

-- Events of streams: written in the transaction of the rows that they follow from. Kept for ever.
CREATE TABLE IF NOT EXISTS events (
  tenant_id text NOT NULL,
  stream text NOT NULL,
  key text NOT NULL,
  version integer NOT NULL,
  id text NOT NULL,
  type text NOT NULL,
  schema_version integer NOT NULL,
  data jsonb NOT NULL,
  meta jsonb NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  position bigserial NOT NULL,
  at timestamp(3) NOT NULL,
  CONSTRAINT events_tenant_id_version_key PRIMARY KEY (tenant_id, stream, key, version)
);
CREATE INDEX IF NOT EXISTS events_tenant_id_stream_xid_position_idx ON events (tenant_id, stream, xid, position);

-- How far each consumer group has come: every event up to (xid, position) is handled or dead.
CREATE TABLE IF NOT EXISTS stream_groups (
  tenant_id text NOT NULL,
  stream text NOT NULL,
  name text NOT NULL,
  xid xid8 NOT NULL DEFAULT '0'::xid8,
  position bigint NOT NULL DEFAULT 0,
  loss text,
  target xid8,
  failures integer NOT NULL DEFAULT 0,
  generation integer NOT NULL DEFAULT 1,
  declared integer NOT NULL DEFAULT 1,
  building integer,
  built_xid xid8 NOT NULL DEFAULT '0'::xid8,
  built_position bigint NOT NULL DEFAULT 0,
  CONSTRAINT stream_groups_tenant_id_name_key PRIMARY KEY (tenant_id, stream, name)
);

-- Events that a consumer group has put aside.
CREATE TABLE IF NOT EXISTS dead_events (
  tenant_id text NOT NULL,
  stream text NOT NULL,
  name text NOT NULL,
  key text NOT NULL,
  version integer NOT NULL,
  reason text NOT NULL,
  died_at timestamp(3) NOT NULL,
  replay boolean NOT NULL DEFAULT false,
  CONSTRAINT dead_events_tenant_id_version_key PRIMARY KEY (tenant_id, stream, name, key, version)
);

-- The last event of each key that a projection has applied.
CREATE TABLE IF NOT EXISTS projection_versions (
  tenant_id text NOT NULL,
  stream text NOT NULL,
  name text NOT NULL,
  generation integer NOT NULL,
  key text NOT NULL,
  version integer NOT NULL,
  CONSTRAINT projection_versions_tenant_id_key_key PRIMARY KEY (tenant_id, stream, name, generation, key)
);

-- The audit trail: written in the transactions of the writes that it tells of. Rows are never deleted.
CREATE TABLE IF NOT EXISTS audit_entries (
  tenant_id text NOT NULL,
  id text NOT NULL,
  actor_type text NOT NULL,
  actor_id text,
  on_behalf text,
  action text NOT NULL,
  outcome text NOT NULL,
  entity_type text NOT NULL,
  entity_id text,
  patient_id text,
  purpose text,
  request_id text,
  ip_digest text,
  data jsonb DEFAULT '{}',
  occurred_at timestamp(3) NOT NULL,
  salt text,
  commitment text,
  leaf text,
  seal integer,
  position integer,
  CONSTRAINT audit_entries_tenant_id_id_key PRIMARY KEY (tenant_id, id)
);
ALTER TABLE audit_entries
  ALTER COLUMN data DROP NOT NULL,
  ADD COLUMN IF NOT EXISTS salt text,
  ADD COLUMN IF NOT EXISTS commitment text,
  ADD COLUMN IF NOT EXISTS leaf text,
  ADD COLUMN IF NOT EXISTS seal integer,
  ADD COLUMN IF NOT EXISTS position integer;
CREATE INDEX IF NOT EXISTS audit_entries_tenant_id_entity_type_entity_id_id_idx
  ON audit_entries (tenant_id, entity_type, entity_id, id);
CREATE INDEX IF NOT EXISTS audit_entries_tenant_id_actor_id_id_idx ON audit_entries (tenant_id, actor_id, id);
CREATE INDEX IF NOT EXISTS audit_entries_tenant_id_action_id_idx ON audit_entries (tenant_id, action, id);
DROP INDEX IF EXISTS audit_entries_tenant_id_outcome_id_idx;
CREATE INDEX IF NOT EXISTS audit_entries_not_ok_idx ON audit_entries (tenant_id, outcome, id) WHERE outcome <> 'ok';
DROP INDEX IF EXISTS audit_entries_tenant_id_patient_id_id_idx;
CREATE INDEX IF NOT EXISTS audit_entries_patient_idx ON audit_entries (tenant_id, patient_id, id)
  WHERE patient_id IS NOT NULL;
-- The seal of an entry makes a second version of its row. Half of each new page of an index waits for it, so pages do not
-- split.
ALTER INDEX audit_entries_tenant_id_id_key SET (fillfactor = 50);
ALTER INDEX audit_entries_tenant_id_entity_type_entity_id_id_idx SET (fillfactor = 50);
ALTER INDEX audit_entries_tenant_id_actor_id_id_idx SET (fillfactor = 50);
ALTER INDEX audit_entries_tenant_id_action_id_idx SET (fillfactor = 50);
CREATE UNIQUE INDEX IF NOT EXISTS audit_entries_seal_tenant_id_position_key ON audit_entries (seal, tenant_id, position);

-- The seals of the audit trail: each is the signed root of a batch of entries, chained to the seal before it.
CREATE TABLE IF NOT EXISTS audit_seals (
  tenant_id text NOT NULL,
  seal integer NOT NULL,
  count integer NOT NULL,
  root text NOT NULL,
  prev_hash text NOT NULL,
  hash text NOT NULL,
  first_at timestamp(3) NOT NULL,
  last_at timestamp(3) NOT NULL,
  sealed_at timestamp(3) NOT NULL,
  key_id text NOT NULL,
  signature text NOT NULL,
  CONSTRAINT audit_seals_tenant_id_seal_key PRIMARY KEY (tenant_id, seal)
);

-- The newest seal of each tenant, and the newest ones that are in the bucket and in a mail, with the day of the mail.
CREATE TABLE IF NOT EXISTS audit_anchors (
  tenant_id text NOT NULL,
  head integer NOT NULL,
  anchored integer NOT NULL,
  mailed integer NOT NULL DEFAULT 0,
  mailed_on date,
  CONSTRAINT audit_anchors_tenant_id_tenant_id_key PRIMARY KEY (tenant_id)
);
ALTER TABLE audit_anchors
  ADD COLUMN IF NOT EXISTS mailed integer NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS mailed_on date;

-- The two changes of an entry that the trigger allows are functions. They run with the rights of their owner, so the
-- role of the app needs no right to update or delete entries; see `prisma/roles.ts`.
CREATE OR REPLACE FUNCTION audit_place(of_tenant text, in_seal int, ids text[], commitments text[], leaves text[])
RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH placed AS (
    UPDATE audit_entries e
    SET seal = in_seal, position = given.place - 1,
      commitment = coalesce(e.commitment, commitments[given.place]), leaf = coalesce(e.leaf, leaves[given.place])
    FROM unnest(ids) WITH ORDINALITY AS given (id, place)
    WHERE e.tenant_id = of_tenant AND e.id = given.id
    RETURNING 1
  )
  SELECT count(*)::int FROM placed
$$;
CREATE OR REPLACE FUNCTION audit_erase(of_tenant text, of_entry text)
RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH erased AS (
    UPDATE audit_entries SET data = NULL, salt = NULL
    WHERE tenant_id = of_tenant AND id = of_entry AND data IS NOT NULL
    RETURNING 1
  )
  SELECT count(*)::int FROM erased
$$;

-- An entry changes twice at most: a seal gives it its place, and an erasure removes its data together with their salt.
CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  allowed audit_entries;
BEGIN
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit_entries' THEN
    IF OLD.seal IS NULL AND NEW.seal IS NOT NULL AND NEW.position IS NOT NULL AND NEW.leaf IS NOT NULL THEN
      allowed := OLD;
      allowed.seal := NEW.seal;
      allowed.position := NEW.position;
      IF OLD.leaf IS NULL THEN
        allowed.commitment := NEW.commitment;
        allowed.leaf := NEW.leaf;
      END IF;
    ELSIF OLD.data IS NOT NULL AND OLD.seal IS NOT NULL THEN
      allowed := OLD;
      allowed.data := NULL;
      allowed.salt := NULL;
    END IF;
    IF allowed IS NOT DISTINCT FROM NEW THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;
CREATE OR REPLACE TRIGGER audit_entries_append_only
  BEFORE UPDATE OR DELETE ON audit_entries
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE OR REPLACE TRIGGER audit_entries_no_truncate
  BEFORE TRUNCATE ON audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE OR REPLACE TRIGGER audit_seals_append_only
  BEFORE UPDATE OR DELETE ON audit_seals
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE OR REPLACE TRIGGER audit_seals_no_truncate
  BEFORE TRUNCATE ON audit_seals
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
