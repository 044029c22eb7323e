-- CreateTable
CREATE TABLE "activity_days" (
    "tenant_id" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "actor_id" TEXT NOT NULL,
    "entity_type" TEXT NOT NULL,
    "verb" TEXT NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "activity_days_tenant_id_verb_key" PRIMARY KEY ("tenant_id","day","actor_id","entity_type","verb")
);

-- AddForeignKey
ALTER TABLE "activity_days" ADD CONSTRAINT "activity_days_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
