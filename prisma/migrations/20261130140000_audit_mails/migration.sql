-- Written by hand. The newest seal that was mailed to the auditors of a tenant, and the day of that mail in UTC.
ALTER TABLE audit_anchors
  ADD COLUMN mailed integer NOT NULL DEFAULT 0,
  ADD COLUMN mailed_on date;
