-- CreateTable
CREATE TABLE "alert_states" (
    "name" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "since" TIMESTAMP(3) NOT NULL,
    "clear_since" TIMESTAMP(3),
    "value" DOUBLE PRECISION,
    "notified_at" TIMESTAMP(3),
    "evaluated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "alert_states_tenant_id_name_key" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "alert_changes" (
    "name" TEXT NOT NULL,
    "change" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "value" DOUBLE PRECISION,

    CONSTRAINT "alert_changes_tenant_id_at_key" PRIMARY KEY ("name","change","at")
);

-- CreateTable
CREATE TABLE "alert_silences" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "ends_at" TIMESTAMP(3) NOT NULL,
    "reason" TEXT NOT NULL,
    "started_by" TEXT NOT NULL,
    "started_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "alert_silences_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alert_messages" (
    "id" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "lines" JSONB NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMP(3) NOT NULL,
    "due_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "alert_messages_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "alert_changes_at_idx" ON "alert_changes"("at");

-- CreateIndex
CREATE INDEX "alert_silences_ends_at_idx" ON "alert_silences"("ends_at");

-- CreateIndex
CREATE INDEX "alert_messages_due_at_idx" ON "alert_messages"("due_at");
