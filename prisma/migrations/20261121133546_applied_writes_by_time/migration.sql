-- CreateIndex
CREATE INDEX "applied_writes_applied_at_idx" ON "applied_writes"("applied_at");
