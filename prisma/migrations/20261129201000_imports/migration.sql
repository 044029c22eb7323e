-- Made by `npm run db:migration`, then edited: imports under way keep their columns, rows and status.
-- CreateEnum
CREATE TYPE "import_kind" AS ENUM ('contacts', 'companies', 'deals');

-- CreateEnum
CREATE TYPE "import_status" AS ENUM ('uploading', 'queued', 'running', 'done', 'cancelled', 'failed', 'undoing', 'undone');

-- AlterTable
ALTER TABLE "imports" ADD COLUMN     "failure" TEXT,
ADD COLUMN     "incomplete" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "kind" "import_kind" NOT NULL DEFAULT 'contacts',
ADD COLUMN     "options" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "parts" INTEGER,
ADD COLUMN     "plan" JSONB,
ADD COLUMN     "reader" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "undo" JSONB,
ALTER COLUMN "status" DROP DEFAULT,
ALTER COLUMN "status" TYPE "import_status" USING "status"::TEXT::"import_status",
ALTER COLUMN "status" SET DEFAULT 'queued';

-- Waiting rows had only the cells of the used columns. Now they have all cells, in the order of the columns.
UPDATE "import_chunks" AS chunk SET "rows" = (
  SELECT coalesce(jsonb_agg(
    CASE jsonb_typeof(waiting.value -> 1)
      WHEN 'array' THEN jsonb_build_object('row', waiting.value -> 0, 'cells', (
        SELECT coalesce(jsonb_agg(
          CASE WHEN used THEN coalesce(waiting.value -> 1 -> (at - 1)::INT, '""') ELSE '""' END ORDER BY number), '[]')
        FROM (
          SELECT number, field.value ->> 'field' IS NOT NULL AS used,
            count(*) FILTER (WHERE field.value ->> 'field' IS NOT NULL) OVER (ORDER BY number) AS at
          FROM jsonb_array_elements(import."fields") WITH ORDINALITY AS field (value, number)
        ) AS columns))
      ELSE jsonb_build_object('row', waiting.value -> 0, 'cells', '[]'::JSONB,
        'problem', 'has more cells than the header: is a comma not in quotes?')
    END ORDER BY waiting.number), '[]')
  FROM jsonb_array_elements(chunk."rows") WITH ORDINALITY AS waiting (value, number))
FROM "imports" AS import WHERE import."tenant_id" = chunk."tenant_id" AND import."id" = chunk."import_id";

UPDATE "imports" SET "plan" = jsonb_build_object('kind', 'contacts', 'encoding', 'utf-8', 'separator', ',',
  'headerRow', 1, 'system', NULL, 'language', NULL, 'columns', "fields", 'questions', '[]'::JSONB);
UPDATE "imports" SET "rejections" = (
  SELECT jsonb_agg(value || '{"kept": false}' ORDER BY number)
  FROM jsonb_array_elements("rejections") WITH ORDINALITY AS rejection (value, number))
WHERE jsonb_array_length("rejections") > 0;
ALTER TABLE "imports" DROP COLUMN "fields";

-- CreateTable
CREATE TABLE "import_pieces" (
    "tenant_id" TEXT NOT NULL,
    "import_id" TEXT NOT NULL,
    "part" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "import_pieces_tenant_id_seq_key" PRIMARY KEY ("tenant_id","import_id","part","seq")
);

-- CreateTable
CREATE TABLE "import_rejects" (
    "tenant_id" TEXT NOT NULL,
    "import_id" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "import_rejects_tenant_id_seq_key" PRIMARY KEY ("tenant_id","import_id","seq")
);

-- CreateTable
CREATE TABLE "import_changes" (
    "tenant_id" TEXT NOT NULL,
    "import_id" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "rows" JSONB NOT NULL,

    CONSTRAINT "import_changes_tenant_id_seq_key" PRIMARY KEY ("tenant_id","import_id","seq")
);

-- CreateTable
CREATE TABLE "import_mappings" (
    "tenant_id" TEXT NOT NULL,
    "kind" "import_kind" NOT NULL,
    "header" TEXT NOT NULL,
    "mapping" JSONB NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "import_mappings_tenant_id_header_key" PRIMARY KEY ("tenant_id","kind","header")
);

-- AddForeignKey
ALTER TABLE "import_pieces" ADD CONSTRAINT "import_pieces_tenant_id_import_id_fkey" FOREIGN KEY ("tenant_id", "import_id") REFERENCES "imports"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_rejects" ADD CONSTRAINT "import_rejects_tenant_id_import_id_fkey" FOREIGN KEY ("tenant_id", "import_id") REFERENCES "imports"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_changes" ADD CONSTRAINT "import_changes_tenant_id_import_id_fkey" FOREIGN KEY ("tenant_id", "import_id") REFERENCES "imports"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_mappings" ADD CONSTRAINT "import_mappings_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
