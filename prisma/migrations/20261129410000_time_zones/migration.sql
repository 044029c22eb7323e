-- AlterTable
ALTER TABLE "tenants" ADD COLUMN     "time_zone" TEXT;

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "time_zone" TEXT;
