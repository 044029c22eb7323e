-- Written by hand. Most entries concern no patient and report success. Without them these indexes stay small, and neither a
-- new entry nor its seal writes to them.
DROP INDEX "audit_entries_tenant_id_outcome_id_idx";
CREATE INDEX "audit_entries_not_ok_idx" ON "audit_entries"("tenant_id", "outcome", "id") WHERE "outcome" <> 'ok';
DROP INDEX "audit_entries_tenant_id_patient_id_id_idx";
CREATE INDEX "audit_entries_patient_idx" ON "audit_entries"("tenant_id", "patient_id", "id") WHERE "patient_id" IS NOT NULL;
