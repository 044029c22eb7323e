-- The newest seal of each tenant, and the newest one that is kept outside the database.
CREATE TABLE audit_anchors (
  tenant_id text NOT NULL,
  head integer NOT NULL,
  anchored integer NOT NULL,
  CONSTRAINT audit_anchors_tenant_id_tenant_id_key PRIMARY KEY (tenant_id)
);
INSERT INTO audit_anchors (tenant_id, head, anchored)
SELECT tenant_id, max(seal), 0 FROM audit_seals GROUP BY tenant_id;
