-- CreateIndex
CREATE INDEX "companies_tenant_id_domain_idx" ON "companies"("tenant_id", "domain");

-- CreateIndex
CREATE INDEX "deals_tenant_id_search_title_company_id_idx" ON "deals"("tenant_id", "search_title", "company_id");
