-- Written by hand. No release has written to the audit trail yet, so the table is made again in its new form.
DROP TABLE audit_entries;
CREATE TABLE audit_entries (
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
  data jsonb NOT NULL DEFAULT '{}',
  occurred_at timestamp(3) NOT NULL,
  CONSTRAINT audit_entries_tenant_id_id_key PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_entries_tenant_id_entity_type_entity_id_id_idx
  ON audit_entries (tenant_id, entity_type, entity_id, id);
CREATE INDEX audit_entries_tenant_id_actor_id_id_idx ON audit_entries (tenant_id, actor_id, id);

-- The trail only grows. TRUNCATE does not fire triggers of rows, so it has a trigger of its own.
CREATE TRIGGER "audit_entries_append_only"
  BEFORE UPDATE OR DELETE ON "audit_entries"
  FOR EACH ROW EXECUTE FUNCTION "refuse_audit_change"();
CREATE TRIGGER "audit_entries_no_truncate"
  BEFORE TRUNCATE ON "audit_entries"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_audit_change"();
