-- AlterTable
ALTER TABLE "activity_days" DROP CONSTRAINT "activity_days_tenant_id_verb_key",
ADD COLUMN     "time_zone" TEXT NOT NULL DEFAULT 'UTC',
ADD CONSTRAINT "activity_days_tenant_id_verb_key" PRIMARY KEY ("tenant_id", "time_zone", "day", "actor_id", "entity_type", "verb");
