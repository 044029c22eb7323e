-- Made by `npm run db:migration`, then edited where Prisma has no words for it: the rows that exist, and the trigger.
-- CreateEnum
CREATE TYPE "record_class" AS ENUM ('normal', 'restricted');

-- CreateEnum
CREATE TYPE "consent_decision" AS ENUM ('permit', 'deny');

-- AlterEnum
ALTER TYPE "user_role" ADD VALUE 'reception';
ALTER TYPE "user_role" ADD VALUE 'nurse';
ALTER TYPE "user_role" ADD VALUE 'biller';
ALTER TYPE "user_role" ADD VALUE 'care_auditor';

-- AlterTable
ALTER TABLE "medical_records" ADD COLUMN     "ordered_by" TEXT,
ADD COLUMN     "record_class" "record_class" NOT NULL DEFAULT 'normal',
ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "patients" ADD COLUMN     "birth_year_digest" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "merged_into" TEXT,
ADD COLUMN     "name_tokens" TEXT[];

-- CreateTable
CREATE TABLE "medical_record_versions" (
    "tenant_id" TEXT NOT NULL,
    "record_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "author_id" TEXT NOT NULL,
    "sealed_body" TEXT NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "medical_record_versions_tenant_id_version_key" PRIMARY KEY ("tenant_id","record_id","version")
);

-- CreateTable
CREATE TABLE "patient_consents" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "patient_id" TEXT NOT NULL,
    "user_id" TEXT,
    "decision" "consent_decision" NOT NULL,
    "record_class" "record_class" NOT NULL,
    "valid_from" TIMESTAMP(3) NOT NULL,
    "valid_until" TIMESTAMP(3),
    "recorded_by" TEXT NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "patient_consents_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "care_assignments" (
    "tenant_id" TEXT NOT NULL,
    "patient_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "valid_until" TIMESTAMP(3),
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "care_assignments_tenant_id_user_id_key" PRIMARY KEY ("tenant_id","patient_id","user_id")
);

-- CreateTable
CREATE TABLE "break_glass" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "patient_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "record_class" "record_class" NOT NULL,
    "purpose" TEXT NOT NULL,
    "sealed_reason" TEXT NOT NULL,
    "started_at" TIMESTAMP(3) NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,
    "confirmed_by" TEXT,
    "confirmed_at" TIMESTAMP(3),
    "ended_at" TIMESTAMP(3),
    "reviewed_by" TEXT,
    "reviewed_at" TIMESTAMP(3),
    "verdict" TEXT,
    "day" DATE NOT NULL,
    "number" SMALLINT NOT NULL,

    CONSTRAINT "break_glass_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "patient_exports" (
    "tenant_id" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "patient_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "sealed_file" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL,
    "finished_at" TIMESTAMP(3),
    "expires_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "patient_exports_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE INDEX "patient_consents_tenant_id_patient_id_id_idx" ON "patient_consents"("tenant_id", "patient_id", "id");

-- CreateIndex
CREATE INDEX "break_glass_tenant_id_patient_id_expires_at_idx" ON "break_glass"("tenant_id", "patient_id", "expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "break_glass_tenant_id_number_key" ON "break_glass"("tenant_id", "user_id", "day", "number");

-- CreateIndex
CREATE INDEX "patient_exports_tenant_id_patient_id_id_idx" ON "patient_exports"("tenant_id", "patient_id", "id");

-- CreateIndex
CREATE INDEX "audit_entries_tenant_id_patient_id_id_idx" ON "audit_entries"("tenant_id", "patient_id", "id");

-- CreateIndex
CREATE INDEX "patients_name_tokens_idx" ON "patients" USING GIN ("name_tokens");

-- AddForeignKey
ALTER TABLE "medical_record_versions" ADD CONSTRAINT "medical_record_versions_tenant_id_record_id_fkey" FOREIGN KEY ("tenant_id", "record_id") REFERENCES "medical_records"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "patient_consents" ADD CONSTRAINT "patient_consents_tenant_id_patient_id_fkey" FOREIGN KEY ("tenant_id", "patient_id") REFERENCES "patients"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "care_assignments" ADD CONSTRAINT "care_assignments_tenant_id_patient_id_fkey" FOREIGN KEY ("tenant_id", "patient_id") REFERENCES "patients"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "care_assignments" ADD CONSTRAINT "care_assignments_tenant_id_user_id_fkey" FOREIGN KEY ("tenant_id", "user_id") REFERENCES "users"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_tenant_id_patient_id_fkey" FOREIGN KEY ("tenant_id", "patient_id") REFERENCES "patients"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "patient_exports" ADD CONSTRAINT "patient_exports_tenant_id_patient_id_fkey" FOREIGN KEY ("tenant_id", "patient_id") REFERENCES "patients"("tenant_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "patients" ALTER COLUMN "birth_year_digest" DROP DEFAULT;

-- The texts of the records that exist are their first versions.
INSERT INTO "medical_record_versions" ("tenant_id", "record_id", "version", "author_id", "sealed_body", "created_at")
SELECT "tenant_id", "id", 1, "author_id", "sealed_body", "recorded_at" FROM "medical_records";
ALTER TABLE "medical_records" DROP COLUMN "sealed_body";

-- A version of a record is never edited or removed. Only its seal may change, when the keys are rotated.
CREATE FUNCTION refuse_record_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'sealed_body' = to_jsonb(OLD) - 'sealed_body' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'medical_record_versions is append-only';
END
$$;
CREATE TRIGGER medical_record_versions_append_only
  BEFORE UPDATE OR DELETE ON medical_record_versions
  FOR EACH ROW EXECUTE FUNCTION refuse_record_change();

-- Searches and lists name several patients in their data.
CREATE INDEX audit_entries_patients_idx ON audit_entries USING gin ((data -> 'patients')) WHERE data ? 'patients';
