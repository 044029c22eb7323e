-- AlterTable
ALTER TABLE "users" ADD COLUMN     "verified_at" TIMESTAMP(3);

-- CreateIndex
CREATE INDEX "users_email_idx" ON "users"("email");
