-- CreateTable
CREATE TABLE "applied_writes" (
    "id" TEXT NOT NULL,
    "applied_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "applied_writes_pkey" PRIMARY KEY ("id")
);
