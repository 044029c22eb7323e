-- AlterTable
ALTER TABLE "companies" ADD COLUMN     "custom" JSONB NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "contacts" ADD COLUMN     "custom" JSONB NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "deals" ADD COLUMN     "custom" JSONB NOT NULL DEFAULT '{}';

-- CreateTable
CREATE TABLE "custom_fields" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "options" TEXT[],
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "custom_fields_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "contact_values" (
    "tenant_id" TEXT NOT NULL,
    "field_id" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "row_id" TEXT NOT NULL,

    CONSTRAINT "contact_values_tenant_id_row_id_key" PRIMARY KEY ("tenant_id","field_id","value","row_id")
);

-- CreateTable
CREATE TABLE "company_values" (
    "tenant_id" TEXT NOT NULL,
    "field_id" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "row_id" TEXT NOT NULL,

    CONSTRAINT "company_values_tenant_id_row_id_key" PRIMARY KEY ("tenant_id","field_id","value","row_id")
);

-- CreateTable
CREATE TABLE "deal_values" (
    "tenant_id" TEXT NOT NULL,
    "field_id" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "row_id" TEXT NOT NULL,

    CONSTRAINT "deal_values_tenant_id_row_id_key" PRIMARY KEY ("tenant_id","field_id","value","row_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "custom_fields_tenant_id_key_key" ON "custom_fields"("tenant_id", "kind", "key");

-- CreateIndex
CREATE INDEX "contact_values_tenant_id_row_id_idx" ON "contact_values"("tenant_id", "row_id");

-- CreateIndex
CREATE INDEX "company_values_tenant_id_row_id_idx" ON "company_values"("tenant_id", "row_id");

-- CreateIndex
CREATE INDEX "deal_values_tenant_id_row_id_idx" ON "deal_values"("tenant_id", "row_id");

-- AddForeignKey
ALTER TABLE "custom_fields" ADD CONSTRAINT "custom_fields_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "contact_values" ADD CONSTRAINT "contact_values_tenant_id_row_id_fkey" FOREIGN KEY ("tenant_id", "row_id") REFERENCES "contacts"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "company_values" ADD CONSTRAINT "company_values_tenant_id_row_id_fkey" FOREIGN KEY ("tenant_id", "row_id") REFERENCES "companies"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deal_values" ADD CONSTRAINT "deal_values_tenant_id_row_id_fkey" FOREIGN KEY ("tenant_id", "row_id") REFERENCES "deals"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The values as rows, so that a filter by a value finds an index, and the ids of the fields keep tenants apart in it.
CREATE FUNCTION "keep_custom_values"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    EXECUTE format(
      'DELETE FROM %I kept WHERE kept.tenant_id = $1 AND kept.row_id = $2
         AND NOT EXISTS (SELECT 1 FROM jsonb_each_text($3) now WHERE now.key = kept.field_id AND now.value = kept.value)',
      TG_ARGV[0]) USING NEW.tenant_id, NEW.id, NEW.custom;
  END IF;
  EXECUTE format(
    'INSERT INTO %I (tenant_id, field_id, value, row_id)
       SELECT $1, now.key, now.value, $2 FROM jsonb_each_text($3) now ON CONFLICT DO NOTHING',
    TG_ARGV[0]) USING NEW.tenant_id, NEW.id, NEW.custom;
  RETURN NULL;
END $$;

CREATE TRIGGER "contacts_custom_added" AFTER INSERT ON "contacts"
FOR EACH ROW WHEN (NEW.custom <> '{}') EXECUTE FUNCTION "keep_custom_values"('contact_values');
CREATE TRIGGER "contacts_custom_changed" AFTER UPDATE OF "custom" ON "contacts"
FOR EACH ROW WHEN (OLD.custom <> NEW.custom) EXECUTE FUNCTION "keep_custom_values"('contact_values');

CREATE TRIGGER "companies_custom_added" AFTER INSERT ON "companies"
FOR EACH ROW WHEN (NEW.custom <> '{}') EXECUTE FUNCTION "keep_custom_values"('company_values');
CREATE TRIGGER "companies_custom_changed" AFTER UPDATE OF "custom" ON "companies"
FOR EACH ROW WHEN (OLD.custom <> NEW.custom) EXECUTE FUNCTION "keep_custom_values"('company_values');

CREATE TRIGGER "deals_custom_added" AFTER INSERT ON "deals"
FOR EACH ROW WHEN (NEW.custom <> '{}') EXECUTE FUNCTION "keep_custom_values"('deal_values');
CREATE TRIGGER "deals_custom_changed" AFTER UPDATE OF "custom" ON "deals"
FOR EACH ROW WHEN (OLD.custom <> NEW.custom) EXECUTE FUNCTION "keep_custom_values"('deal_values');

-- The values are searched too.
CREATE OR REPLACE FUNCTION search_put_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_put(NEW.tenant_id, 'contact', NEW.id, NEW.name, concat_ws(' ', NEW.email),
    concat_ws(' ', NEW.job_title, (SELECT string_agg(value, ' ') FROM jsonb_each_text(NEW.custom))), concat_ws(' ', NEW.phone), ARRAY['ownerId=' || NEW.owner_id, 'companyId=' || NEW.company_id]::text[]);
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER search_added AFTER INSERT ON contacts FOR EACH ROW EXECUTE FUNCTION search_put_contact();
CREATE OR REPLACE TRIGGER search_changed AFTER UPDATE ON contacts FOR EACH ROW
  WHEN ((OLD.name, OLD.email, OLD.job_title, OLD.phone, OLD.custom, OLD.owner_id, OLD.company_id) IS DISTINCT FROM (NEW.name, NEW.email, NEW.job_title, NEW.phone, NEW.custom, NEW.owner_id, NEW.company_id)) EXECUTE FUNCTION search_put_contact();
CREATE OR REPLACE TRIGGER search_removed AFTER DELETE ON contacts FOR EACH ROW EXECUTE FUNCTION search_drop('contact');

CREATE OR REPLACE FUNCTION search_put_company() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_put(NEW.tenant_id, 'company', NEW.id, NEW.name, concat_ws(' ', NEW.domain),
    concat_ws(' ', NEW.industry, NEW.city, (SELECT string_agg(value, ' ') FROM jsonb_each_text(NEW.custom))), concat_ws(' ', NULL), ARRAY['ownerId=' || NEW.owner_id, 'industry=' || NEW.industry]::text[]);
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER search_added AFTER INSERT ON companies FOR EACH ROW EXECUTE FUNCTION search_put_company();
CREATE OR REPLACE TRIGGER search_changed AFTER UPDATE ON companies FOR EACH ROW
  WHEN ((OLD.name, OLD.domain, OLD.industry, OLD.city, OLD.custom, OLD.owner_id, OLD.industry) IS DISTINCT FROM (NEW.name, NEW.domain, NEW.industry, NEW.city, NEW.custom, NEW.owner_id, NEW.industry)) EXECUTE FUNCTION search_put_company();
CREATE OR REPLACE TRIGGER search_removed AFTER DELETE ON companies FOR EACH ROW EXECUTE FUNCTION search_drop('company');

CREATE OR REPLACE FUNCTION search_put_deal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM search_put(NEW.tenant_id, 'deal', NEW.id, NEW.title, concat_ws(' ', NULL),
    concat_ws(' ', (SELECT string_agg(value, ' ') FROM jsonb_each_text(NEW.custom))), concat_ws(' ', NULL), ARRAY['ownerId=' || NEW.owner_id, 'companyId=' || NEW.company_id, 'stage=' || NEW.stage]::text[]);
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER search_added AFTER INSERT ON deals FOR EACH ROW EXECUTE FUNCTION search_put_deal();
CREATE OR REPLACE TRIGGER search_changed AFTER UPDATE ON deals FOR EACH ROW
  WHEN ((OLD.title, OLD.custom, OLD.owner_id, OLD.company_id, OLD.stage) IS DISTINCT FROM (NEW.title, NEW.custom, NEW.owner_id, NEW.company_id, NEW.stage)) EXECUTE FUNCTION search_put_deal();
CREATE OR REPLACE TRIGGER search_removed AFTER DELETE ON deals FOR EACH ROW EXECUTE FUNCTION search_drop('deal');
