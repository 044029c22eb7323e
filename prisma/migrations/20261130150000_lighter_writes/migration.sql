-- Written by hand. The comparison of whole rows costs a seal less than one of their JSON.
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
