-- CreateIndex
CREATE INDEX "companies_tenant_id_domain_idx" ON "companies"("tenant_id", "domain");
