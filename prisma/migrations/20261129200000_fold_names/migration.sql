-- Written by hand: Prisma has no words for functions and indexes of expressions. Imports find contacts and companies by
-- their folded names: compatible forms, case and white space do not matter.
CREATE FUNCTION "fold_name"("name" TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN lower(regexp_replace(btrim(normalize("name", NFKC)), '\s+', ' ', 'g'));
-- A telephone number without its spaces and signs.
CREATE FUNCTION "fold_phone"("phone" TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN regexp_replace(coalesce("phone", ''), '[^0-9A-Za-z+]', '', 'g');

CREATE INDEX "contacts_folded_name_idx" ON "contacts" ("tenant_id", "fold_name"("name"));
CREATE INDEX "companies_folded_name_idx" ON "companies" ("tenant_id", "fold_name"("name"));
