-- CreateTable
CREATE TABLE "idempotent_commits" (
    "tenant_id" TEXT NOT NULL,
    "caller" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "committed_at" TIMESTAMP(3) NOT NULL,
    "step" INTEGER NOT NULL,

    CONSTRAINT "idempotent_commits_tenant_id_step_key" PRIMARY KEY ("tenant_id","caller","key","step")
);

-- CreateIndex
CREATE INDEX "idempotent_commits_committed_at_idx" ON "idempotent_commits"("committed_at");
