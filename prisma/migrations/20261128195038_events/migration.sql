-- CreateTable
CREATE TABLE "events" (
    "tenant_id" TEXT NOT NULL,
    "stream" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "schema_version" INTEGER NOT NULL,
    "data" JSONB NOT NULL,
    "meta" JSONB NOT NULL,
    "xid" xid8 NOT NULL DEFAULT pg_current_xact_id(),
    "position" BIGSERIAL NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "events_tenant_id_version_key" PRIMARY KEY ("tenant_id","stream","key","version")
);

-- CreateTable
CREATE TABLE "stream_groups" (
    "tenant_id" TEXT NOT NULL,
    "stream" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "xid" xid8 NOT NULL DEFAULT '0'::xid8,
    "position" BIGINT NOT NULL DEFAULT 0,
    "loss" TEXT,
    "target" xid8,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "declared" INTEGER NOT NULL DEFAULT 1,
    "building" INTEGER,
    "built_xid" xid8 NOT NULL DEFAULT '0'::xid8,
    "built_position" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "stream_groups_tenant_id_name_key" PRIMARY KEY ("tenant_id","stream","name")
);

-- CreateTable
CREATE TABLE "dead_events" (
    "tenant_id" TEXT NOT NULL,
    "stream" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "died_at" TIMESTAMP(3) NOT NULL,
    "replay" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "dead_events_tenant_id_version_key" PRIMARY KEY ("tenant_id","stream","name","key","version")
);

-- CreateTable
CREATE TABLE "projection_versions" (
    "tenant_id" TEXT NOT NULL,
    "stream" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "generation" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "version" INTEGER NOT NULL,

    CONSTRAINT "projection_versions_tenant_id_key_key" PRIMARY KEY ("tenant_id","stream","name","generation","key")
);

-- CreateIndex
CREATE INDEX "events_tenant_id_stream_xid_position_idx" ON "events"("tenant_id", "stream", "xid", "position");
