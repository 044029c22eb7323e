-- CreateTable
CREATE TABLE "job_steps" (
    "tenant_id" TEXT NOT NULL,
    "job_id" TEXT NOT NULL,
    "step" TEXT NOT NULL,
    "result" TEXT NOT NULL,
    "applied_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "job_steps_tenant_id_step_key" PRIMARY KEY ("tenant_id","job_id","step")
);

-- CreateIndex
CREATE INDEX "job_steps_applied_at_idx" ON "job_steps"("applied_at");
