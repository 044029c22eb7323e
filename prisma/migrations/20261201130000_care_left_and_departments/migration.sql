-- A patient who has left frees the time of the clinician, as a cancelled or missed visit does.
ALTER TABLE "appointments" DROP CONSTRAINT "appointments_do_not_overlap";
ALTER TABLE "appointments" ADD CONSTRAINT "appointments_do_not_overlap" EXCLUDE USING gist (
  "tenant_id" WITH =, "clinician_id" WITH =, tsrange("starts_at", "ends_at") WITH &&
) WHERE ("status" NOT IN ('cancelled', 'missed', 'left'));

-- Only nurses have departments. A nurse who gets another role leaves the departments, and has none after a return.
CREATE FUNCTION leave_departments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM department_members WHERE tenant_id = NEW.tenant_id AND user_id = NEW.id;
  RETURN NULL;
END
$$;
CREATE TRIGGER users_leave_departments AFTER UPDATE OF role ON users
  FOR EACH ROW WHEN (OLD.role = 'nurse' AND NEW.role <> 'nurse') EXECUTE FUNCTION leave_departments();
DELETE FROM department_members d USING users u
  WHERE u.tenant_id = d.tenant_id AND u.id = d.user_id AND u.role <> 'nurse';
