-- CreateTable
CREATE TABLE "department_members" (
    "tenant_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "department" TEXT NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "department_members_tenant_id_department_key" PRIMARY KEY ("tenant_id","user_id","department")
);

-- CreateIndex
CREATE INDEX "department_members_tenant_id_department_idx" ON "department_members"("tenant_id", "department");

-- AddForeignKey
ALTER TABLE "department_members" ADD CONSTRAINT "department_members_tenant_id_user_id_fkey" FOREIGN KEY ("tenant_id", "user_id") REFERENCES "users"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
