-- Made by `npm run db:migration`, then edited where Prisma has no words for it: the rows of the new table.
-- DropIndex
DROP INDEX "project_members_tenant_id_user_id_idx";

-- CreateTable
CREATE TABLE "activity_sums" (
    "tenant_id" TEXT NOT NULL,
    "time_zone" TEXT NOT NULL,
    "grain" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "actor_id" TEXT NOT NULL,
    "entity_type" TEXT NOT NULL,
    "verb" TEXT NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "activity_sums_tenant_id_verb_key" PRIMARY KEY ("tenant_id","time_zone","grain","day","actor_id","entity_type","verb")
);

-- CreateIndex
CREATE INDEX "project_members_tenant_id_user_id_project_id_idx" ON "project_members"("tenant_id", "user_id", "project_id");

-- AddForeignKey
ALTER TABLE "activity_sums" ADD CONSTRAINT "activity_sums_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- The sums of the days that are rolled up already.
INSERT INTO "activity_sums" ("tenant_id", "time_zone", "grain", "day", "actor_id", "entity_type", "verb", "count")
SELECT "tenant_id", "time_zone",
  CASE WHEN grouping("actor_id") = 0 THEN 'person' WHEN grouping("verb") = 0 THEN 'kind' ELSE 'day' END,
  "day", coalesce("actor_id", ''), coalesce("entity_type", ''), coalesce("verb", ''), sum("count")
FROM "activity_days"
GROUP BY "tenant_id", "time_zone", "day", GROUPING SETS ((), ("actor_id"), ("entity_type", "verb"));
