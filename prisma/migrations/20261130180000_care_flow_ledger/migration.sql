-- Made by `npm run db:migration`, then edited where Prisma has no words for it: the rows that exist, the triggers of the
-- ledger, and the visits that must not overlap.
-- CreateEnum
CREATE TYPE "account_kind" AS ENUM ('patient', 'insurer', 'cash', 'revenue', 'adjustment');

-- AlterEnum
ALTER TYPE "appointment_status" ADD VALUE 'with_clinician';
ALTER TYPE "appointment_status" ADD VALUE 'left';

-- AlterEnum
ALTER TYPE "ledger_kind" ADD VALUE 'claim';
ALTER TYPE "ledger_kind" ADD VALUE 'reversal';

-- DropForeignKey
ALTER TABLE "ledger_entries" DROP CONSTRAINT "ledger_entries_tenant_id_account_id_fkey";

-- DropForeignKey
ALTER TABLE "ledger_entries" DROP CONSTRAINT "ledger_entries_tenant_id_fkey";

-- DropIndex
DROP INDEX "appointments_tenant_id_status_starts_at_idx";

-- AlterTable
ALTER TABLE "accounts" ADD COLUMN     "code" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "currency" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "kind" "account_kind" NOT NULL DEFAULT 'patient',
ALTER COLUMN "patient_id" DROP NOT NULL;

-- AlterTable
ALTER TABLE "appointments" ADD COLUMN     "ended_at" TIMESTAMP(3),
ADD COLUMN     "moved_at" TIMESTAMP(3),
ADD COLUMN     "moved_from" "appointment_status",
ADD COLUMN     "roomed_at" TIMESTAMP(3),
ADD COLUMN     "ticket" TEXT NOT NULL DEFAULT '';

-- CreateTable
CREATE TABLE "ledger_transactions" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "kind" "ledger_kind" NOT NULL,
    "reverses_id" TEXT,
    "key_digest" TEXT NOT NULL,
    "request_digest" TEXT NOT NULL,
    "sealed_memo" TEXT,
    "actor_id" TEXT,
    "posting_count" INTEGER NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "ledger_transactions_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "postings" (
    "tenant_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "transaction_id" TEXT NOT NULL,
    "amount" DECIMAL(16,4) NOT NULL,
    "balance" DECIMAL(16,4) NOT NULL,

    CONSTRAINT "postings_tenant_id_version_key" PRIMARY KEY ("tenant_id","account_id","version")
);

-- Each entry that exists becomes a transaction of two postings: the entry, and its opposite on an account of the tenant.
UPDATE "accounts" a SET "code" = n."code", "currency" = t."currency"
FROM "tenants" t, (
  SELECT "tenant_id", "id", 'patient:' || "patient_id" || CASE WHEN r = 1 THEN '' ELSE ':' || r END AS "code"
  FROM (SELECT *, row_number() OVER (PARTITION BY "tenant_id", "patient_id" ORDER BY "id") AS r FROM "accounts") x
) n
WHERE t."id" = a."tenant_id" AND n."tenant_id" = a."tenant_id" AND n."id" = a."id";

INSERT INTO "accounts" ("tenant_id", "id", "kind", "code", "currency", "created_at", "updated_at")
SELECT DISTINCT e."tenant_id", 'account_' || c."code", c."code"::"account_kind", c."code", t."currency", now(), now()
FROM "ledger_entries" e JOIN "tenants" t ON t."id" = e."tenant_id"
CROSS JOIN LATERAL (
  SELECT CASE e."kind"::text WHEN 'charge' THEN 'revenue' WHEN 'payment' THEN 'cash' ELSE 'adjustment' END AS "code") c;

INSERT INTO "ledger_transactions" ("tenant_id", "id", "kind", "key_digest", "request_digest", "sealed_memo",
  "posting_count", "created_at")
SELECT "tenant_id", "id", "kind", encode(sha256("idempotency_key"::bytea), 'hex'), '', "sealed_memo", 2, "occurred_at"
FROM "ledger_entries" WHERE "amount" <> 0;

INSERT INTO "postings" ("tenant_id", "account_id", "version", "transaction_id", "amount", "balance")
SELECT "tenant_id", "account_id", row_number() OVER w, "id", "amount", sum("amount") OVER w
FROM (
  SELECT "tenant_id", "account_id", "id", "amount" FROM "ledger_entries"
  UNION ALL
  SELECT "tenant_id", 'account_' || CASE "kind"::text
    WHEN 'charge' THEN 'revenue' WHEN 'payment' THEN 'cash' ELSE 'adjustment' END, "id", -"amount" FROM "ledger_entries"
) x WHERE "amount" <> 0
WINDOW w AS (PARTITION BY "tenant_id", "account_id" ORDER BY "id");

UPDATE "accounts" a SET "balance" = coalesce(s."balance", 0), "version" = coalesce(s."version", 0)
FROM (
  SELECT a."tenant_id", a."id", sum(p."amount") AS "balance", count(p."version") AS "version"
  FROM "accounts" a LEFT JOIN "postings" p ON p."tenant_id" = a."tenant_id" AND p."account_id" = a."id" GROUP BY 1, 2
) s WHERE s."tenant_id" = a."tenant_id" AND s."id" = a."id";

DROP TABLE "ledger_entries";
ALTER TABLE "accounts" ALTER COLUMN "code" DROP DEFAULT, ALTER COLUMN "currency" DROP DEFAULT;

-- CreateIndex
CREATE UNIQUE INDEX "ledger_transactions_tenant_id_key_digest_key" ON "ledger_transactions"("tenant_id", "key_digest");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_transactions_tenant_id_reverses_id_key" ON "ledger_transactions"("tenant_id", "reverses_id");

-- CreateIndex
CREATE UNIQUE INDEX "postings_tenant_id_transaction_id_account_id_key" ON "postings"("tenant_id", "transaction_id", "account_id");

-- CreateIndex
CREATE UNIQUE INDEX "accounts_tenant_id_code_currency_key" ON "accounts"("tenant_id", "code", "currency");

-- CreateIndex
CREATE INDEX "appointments_tenant_id_department_starts_at_idx" ON "appointments"("tenant_id", "department", "starts_at");

-- AddForeignKey
ALTER TABLE "ledger_transactions" ADD CONSTRAINT "ledger_transactions_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ledger_transactions" ADD CONSTRAINT "ledger_transactions_tenant_id_reverses_id_fkey" FOREIGN KEY ("tenant_id", "reverses_id") REFERENCES "ledger_transactions"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "postings" ADD CONSTRAINT "postings_tenant_id_account_id_fkey" FOREIGN KEY ("tenant_id", "account_id") REFERENCES "accounts"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "postings" ADD CONSTRAINT "postings_tenant_id_transaction_id_fkey" FOREIGN KEY ("tenant_id", "transaction_id") REFERENCES "ledger_transactions"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "postings" ADD CONSTRAINT "postings_amount_not_zero" CHECK ("amount" <> 0);
-- A patient is known to accounts of patients, and to no other account.
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_patient" CHECK (("kind" = 'patient') = ("patient_id" IS NOT NULL));

-- A transaction and its postings are never edited or removed. Only the seal of a memo may change, when keys are rotated.
CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF to_jsonb(OLD) ->> 'sealed_memo' IS NOT NULL AND to_jsonb(NEW) - 'sealed_memo' = to_jsonb(OLD) - 'sealed_memo' THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER ledger_transactions_append_only BEFORE UPDATE OR DELETE ON ledger_transactions
  FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_transactions_no_truncate BEFORE TRUNCATE ON ledger_transactions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER postings_append_only BEFORE UPDATE OR DELETE ON postings
  FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER postings_no_truncate BEFORE TRUNCATE ON postings
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();

-- At COMMIT, the postings of each new transaction add up to zero, are all there, and are in one currency. A posting
-- that is added to an older transaction breaks the count.
CREATE FUNCTION check_ledger_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wanted text := CASE TG_TABLE_NAME WHEN 'postings' THEN to_jsonb(NEW) ->> 'transaction_id' ELSE to_jsonb(NEW) ->> 'id' END;
  declared int;
  found record;
BEGIN
  SELECT posting_count INTO declared FROM ledger_transactions WHERE tenant_id = NEW.tenant_id AND id = wanted;
  SELECT count(*) AS count, coalesce(sum(p.amount), 0) AS sum, count(DISTINCT a.currency) AS currencies INTO found
    FROM postings p JOIN accounts a ON a.tenant_id = p.tenant_id AND a.id = p.account_id
    WHERE p.tenant_id = NEW.tenant_id AND p.transaction_id = wanted;
  IF found.sum <> 0 OR found.count <> declared OR found.count < 2 OR found.currencies <> 1 THEN
    RAISE EXCEPTION 'ledger transaction % is not balanced', wanted USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER ledger_transactions_balanced AFTER INSERT ON ledger_transactions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_ledger_transaction();
CREATE CONSTRAINT TRIGGER postings_balanced AFTER INSERT ON postings
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_ledger_transaction();

-- Visits of a clinician do not overlap. The extension has the operators of equality for the index.
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE "appointments" ADD CONSTRAINT "appointments_do_not_overlap" EXCLUDE USING gist (
  "tenant_id" WITH =, "clinician_id" WITH =, tsrange("starts_at", "ends_at") WITH &&
) WHERE ("status" NOT IN ('cancelled', 'missed'));
