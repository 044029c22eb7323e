-- CreateTable
CREATE TABLE "deal_moves" (
    "tenant_id" TEXT NOT NULL,
    "generation" INTEGER NOT NULL,
    "deal_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "from_stage" "deal_stage",
    "stage" "deal_stage" NOT NULL,
    "value" DECIMAL(14,2) NOT NULL,
    "actor_id" TEXT,
    "moved_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "deal_moves_tenant_id_version_key" PRIMARY KEY ("tenant_id","generation","deal_id","version")
);

-- CreateTable
CREATE TABLE "deal_closings" (
    "tenant_id" TEXT NOT NULL,
    "generation" INTEGER NOT NULL,
    "deal_id" TEXT NOT NULL,
    "won" BOOLEAN NOT NULL,
    "value" DECIMAL(14,2) NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,
    "closed_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "deal_closings_tenant_id_deal_id_key" PRIMARY KEY ("tenant_id","generation","deal_id")
);

-- CreateIndex
CREATE INDEX "deal_closings_tenant_id_generation_closed_at_idx" ON "deal_closings"("tenant_id", "generation", "closed_at");

-- AddForeignKey
ALTER TABLE "deal_moves" ADD CONSTRAINT "deal_moves_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deal_closings" ADD CONSTRAINT "deal_closings_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
