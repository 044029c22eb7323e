-- AlterTable
ALTER TABLE "users" ADD COLUMN     "factor_at" TIMESTAMP(3);

-- CreateTable
CREATE TABLE "totp_devices" (
    "tenant_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "secret" TEXT NOT NULL,
    "last_step" BIGINT NOT NULL DEFAULT 0,
    "last_pending" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "totp_devices_tenant_id_user_id_key" PRIMARY KEY ("tenant_id","user_id")
);

-- CreateTable
CREATE TABLE "recovery_codes" (
    "tenant_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "digest" TEXT NOT NULL,

    CONSTRAINT "recovery_codes_tenant_id_digest_key" PRIMARY KEY ("tenant_id","user_id","digest")
);

-- AddForeignKey
ALTER TABLE "totp_devices" ADD CONSTRAINT "totp_devices_tenant_id_user_id_fkey" FOREIGN KEY ("tenant_id", "user_id") REFERENCES "users"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_tenant_id_user_id_fkey" FOREIGN KEY ("tenant_id", "user_id") REFERENCES "users"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
