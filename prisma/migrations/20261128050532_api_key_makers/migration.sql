-- AlterTable
ALTER TABLE "api_keys" ADD COLUMN     "made_by_key" TEXT,
ADD COLUMN     "made_by_user" TEXT;
