-- Written by hand. Entries get a leaf when they are written, and a place in a seal within minutes; see docs/audit.md.
-- Entries from before have no leaf: the seal adds it.
ALTER TABLE audit_entries
  ALTER COLUMN data DROP NOT NULL,
  ADD COLUMN salt text,
  ADD COLUMN commitment text,
  ADD COLUMN leaf text,
  ADD COLUMN seal integer,
  ADD COLUMN position integer;
CREATE UNIQUE INDEX audit_entries_seal_tenant_id_position_key ON audit_entries (seal, tenant_id, position);

CREATE TABLE audit_seals (
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

-- An entry changes twice at most: a seal gives it its place, and an erasure removes its data together with their salt.
CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  place text[] := ARRAY['seal', 'position'];
BEGIN
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit_entries' THEN
    IF OLD.leaf IS NULL THEN
      place := place || ARRAY['commitment', 'leaf'];
    END IF;
    IF OLD.seal IS NULL AND NEW.seal IS NOT NULL AND NEW.position IS NOT NULL AND NEW.leaf IS NOT NULL
      AND to_jsonb(NEW) - place = to_jsonb(OLD) - place THEN
      RETURN NEW;
    END IF;
    IF OLD.data IS NOT NULL AND OLD.seal IS NOT NULL AND NEW.data IS NULL AND NEW.salt IS NULL
      AND to_jsonb(NEW) - ARRAY['data', 'salt'] = to_jsonb(OLD) - ARRAY['data', 'salt'] THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER audit_seals_append_only
  BEFORE UPDATE OR DELETE ON audit_seals
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_seals_no_truncate
  BEFORE TRUNCATE ON audit_seals
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
