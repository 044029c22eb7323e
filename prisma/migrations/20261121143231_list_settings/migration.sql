-- CreateTable
CREATE TABLE "list_settings" (
    "tenant_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "list" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "list_settings_tenant_id_list_key" PRIMARY KEY ("tenant_id","user_id","list")
);

-- AddForeignKey
ALTER TABLE "list_settings" ADD CONSTRAINT "list_settings_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "list_settings" ADD CONSTRAINT "list_settings_tenant_id_user_id_fkey" FOREIGN KEY ("tenant_id", "user_id") REFERENCES "users"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
