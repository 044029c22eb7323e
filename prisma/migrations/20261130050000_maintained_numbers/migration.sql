-- CreateTable
CREATE TABLE "numbers" (
    "tenant_id" TEXT NOT NULL,
    "key" TEXT COLLATE "C" NOT NULL,
    "count" BIGINT NOT NULL,
    "sum" DECIMAL(38,6) NOT NULL,

    CONSTRAINT "numbers_tenant_id_key_key" PRIMARY KEY ("tenant_id","key")
);

-- CreateTable
CREATE TABLE "number_changes" (
    "tenant_id" TEXT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "keys" TEXT[] COLLATE "C",
    "counts" INTEGER[],
    "sums" DECIMAL(38,6)[],

    CONSTRAINT "number_changes_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "number_sources" (
    "source" TEXT NOT NULL,
    "version" TEXT NOT NULL,

    CONSTRAINT "number_sources_tenant_id_source_key" PRIMARY KEY ("source")
);

-- CreateTable
CREATE TABLE "number_states" (
    "tenant_id" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "checked_at" TIMESTAMP(3),
    "wrong_at" TIMESTAMP(3),
    "wrong_keys" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "number_states_tenant_id_source_key" PRIMARY KEY ("tenant_id","source")
);

-- CreateIndex
CREATE INDEX "number_states_wrong_at_idx" ON "number_states"("wrong_at");

-- Written by hand: collation "C" above, so that keys sort as their parts do. Folds delete what writers have inserted, so
-- dead rows are removed early.
ALTER TABLE "number_changes" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE "numbers" SET (fillfactor = 70);

-- The triggers of maintained numbers
CREATE OR REPLACE FUNCTION number_month(moment timestamp) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT to_char(
    CASE WHEN moment < date_trunc('month', moment + interval '14 hours') + interval '12 hours'
      THEN date_bin('15 minutes', moment, timestamp '0001-01-01')
      ELSE date_trunc('month', moment + interval '14 hours') + interval '12 hours' END,
    'YYYY-MM-DD"T"HH24:MI')
$$;
CREATE OR REPLACE FUNCTION numbers_fold(of_tenant text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  folded int;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed'
    OR NOT pg_try_advisory_xact_lock(hashtextextended('numbers:' || of_tenant, 0)) THEN
    RETURN 0;
  END IF;
  WITH taken AS (
    DELETE FROM number_changes AS waiting WHERE waiting.tenant_id = of_tenant AND waiting.id IN (
      SELECT oldest.id FROM number_changes AS oldest WHERE oldest.tenant_id = of_tenant
      ORDER BY oldest.id LIMIT 5000
    ) RETURNING waiting.keys, waiting.counts, waiting.sums
  ), added AS (
    INSERT INTO numbers AS kept (tenant_id, key, count, sum)
    SELECT of_tenant, change.key, sum(change.count), sum(change.sum)
    FROM taken CROSS JOIN LATERAL unnest(taken.keys, taken.counts, taken.sums) AS change (key, count, sum)
    GROUP BY change.key ORDER BY change.key
    ON CONFLICT (tenant_id, key) DO UPDATE SET count = kept.count + excluded.count, sum = kept.sum + excluded.sum
  )
  SELECT count(*) FROM taken INTO folded;
  RETURN folded;
END
$$;
CREATE OR REPLACE FUNCTION numbers_after_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  LOCK TABLE numbers IN SHARE ROW EXCLUSIVE MODE;
  DELETE FROM numbers WHERE key >= TG_TABLE_NAME || '.' AND key < TG_TABLE_NAME || '/';
  DELETE FROM number_changes WHERE keys[1] >= TG_TABLE_NAME || '.' AND keys[1] < TG_TABLE_NAME || '/';
  RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION numbers_of_new_tenants() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO number_states (tenant_id, source, version)
  SELECT added.id, number_sources.source, number_sources.version FROM added CROSS JOIN number_sources
  ON CONFLICT (tenant_id, source) DO NOTHING;
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER numbers_of_new_tenants AFTER INSERT ON tenants REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_new_tenants();

-- The triggers of maintained numbers
INSERT INTO number_sources (source, version) VALUES ('deals', '9c4f717882fe')
  ON CONFLICT (source) DO UPDATE SET version = excluded.version;
CREATE OR REPLACE FUNCTION numbers_of_deals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  change record;
BEGIN
  IF TG_OP = 'INSERT' THEN
    FOR change IN
      INSERT INTO number_changes (tenant_id, keys, counts, sums)
      SELECT tenant_id, array_agg(key), array_agg(count), array_agg(sum)
      FROM (
        SELECT tenant_id, key, sum(sign)::int AS count, sum(sign * amount) AS sum FROM (
      SELECT source_row.tenant_id, counted.key, 1 AS sign, counted.amount FROM added AS source_row CROSS JOIN LATERAL (VALUES
        ('deals.stage:' || coalesce(stage::text, ''), value::numeric),
        ('deals.owner:' || coalesce(owner_id::text, '') || '|' || coalesce(stage::text, ''), value::numeric),
        ('deals.created:' || number_month(created_at), 0::numeric),
        ('deals.closed:' || coalesce(stage::text, '') || '|' || number_month(closed_at), value::numeric),
        (CASE WHEN stage = 'won' THEN 'deals.won:' || number_month(closed_at) || '|' || coalesce(owner_id::text, '') END, value::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
        ) AS signed GROUP BY tenant_id, key HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
      ) AS changed GROUP BY tenant_id
      RETURNING tenant_id, id
    LOOP
      IF change.id % 199 = 0 THEN PERFORM numbers_fold(change.tenant_id); END IF;
    END LOOP;
  ELSIF TG_OP = 'DELETE' THEN
    FOR change IN
      INSERT INTO number_changes (tenant_id, keys, counts, sums)
      SELECT tenant_id, array_agg(key), array_agg(count), array_agg(sum)
      FROM (
        SELECT tenant_id, key, sum(sign)::int AS count, sum(sign * amount) AS sum FROM (
      SELECT source_row.tenant_id, counted.key, -1 AS sign, counted.amount FROM removed AS source_row CROSS JOIN LATERAL (VALUES
        ('deals.stage:' || coalesce(stage::text, ''), value::numeric),
        ('deals.owner:' || coalesce(owner_id::text, '') || '|' || coalesce(stage::text, ''), value::numeric),
        ('deals.created:' || number_month(created_at), 0::numeric),
        ('deals.closed:' || coalesce(stage::text, '') || '|' || number_month(closed_at), value::numeric),
        (CASE WHEN stage = 'won' THEN 'deals.won:' || number_month(closed_at) || '|' || coalesce(owner_id::text, '') END, value::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
        ) AS signed GROUP BY tenant_id, key HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
      ) AS changed GROUP BY tenant_id
      RETURNING tenant_id, id
    LOOP
      IF change.id % 199 = 0 THEN PERFORM numbers_fold(change.tenant_id); END IF;
    END LOOP;
  ELSE
    FOR change IN
      INSERT INTO number_changes (tenant_id, keys, counts, sums)
      SELECT tenant_id, array_agg(key), array_agg(count), array_agg(sum)
      FROM (
        SELECT tenant_id, key, sum(sign)::int AS count, sum(sign * amount) AS sum FROM (
      SELECT source_row.tenant_id, counted.key, 1 AS sign, counted.amount FROM added AS source_row CROSS JOIN LATERAL (VALUES
        ('deals.stage:' || coalesce(stage::text, ''), value::numeric),
        ('deals.owner:' || coalesce(owner_id::text, '') || '|' || coalesce(stage::text, ''), value::numeric),
        ('deals.created:' || number_month(created_at), 0::numeric),
        ('deals.closed:' || coalesce(stage::text, '') || '|' || number_month(closed_at), value::numeric),
        (CASE WHEN stage = 'won' THEN 'deals.won:' || number_month(closed_at) || '|' || coalesce(owner_id::text, '') END, value::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
      UNION ALL SELECT source_row.tenant_id, counted.key, -1 AS sign, counted.amount FROM removed AS source_row CROSS JOIN LATERAL (VALUES
        ('deals.stage:' || coalesce(stage::text, ''), value::numeric),
        ('deals.owner:' || coalesce(owner_id::text, '') || '|' || coalesce(stage::text, ''), value::numeric),
        ('deals.created:' || number_month(created_at), 0::numeric),
        ('deals.closed:' || coalesce(stage::text, '') || '|' || number_month(closed_at), value::numeric),
        (CASE WHEN stage = 'won' THEN 'deals.won:' || number_month(closed_at) || '|' || coalesce(owner_id::text, '') END, value::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
        ) AS signed GROUP BY tenant_id, key HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
      ) AS changed GROUP BY tenant_id
      RETURNING tenant_id, id
    LOOP
      IF change.id % 199 = 0 THEN PERFORM numbers_fold(change.tenant_id); END IF;
    END LOOP;
  END IF;
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER numbers_of_deals_insert
  AFTER INSERT ON deals REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_deals();
CREATE OR REPLACE TRIGGER numbers_of_deals_update
  AFTER UPDATE ON deals REFERENCING NEW TABLE AS added OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_deals();
CREATE OR REPLACE TRIGGER numbers_of_deals_delete
  AFTER DELETE ON deals REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_deals();
CREATE OR REPLACE TRIGGER numbers_of_deals_truncate AFTER TRUNCATE ON deals
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_after_truncate();

-- The triggers of maintained numbers
INSERT INTO number_sources (source, version) VALUES ('tasks', 'a6a7030e765e')
  ON CONFLICT (source) DO UPDATE SET version = excluded.version;
CREATE OR REPLACE FUNCTION numbers_of_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  change record;
BEGIN
  IF TG_OP = 'INSERT' THEN
    FOR change IN
      INSERT INTO number_changes (tenant_id, keys, counts, sums)
      SELECT tenant_id, array_agg(key), array_agg(count), array_agg(sum)
      FROM (
        SELECT tenant_id, key, sum(sign)::int AS count, sum(sign * amount) AS sum FROM (
      SELECT source_row.tenant_id, counted.key, 1 AS sign, counted.amount FROM added AS source_row CROSS JOIN LATERAL (VALUES
        ('tasks.status:' || coalesce(status::text, ''), 0::numeric),
        ('tasks.done:' || number_month(completed_at), 0::numeric),
        (CASE WHEN status NOT IN ('done', 'cancelled') THEN 'tasks.due:' || to_char(due_date, 'YYYY-MM-DD') END, 0::numeric),
        (CASE WHEN status NOT IN ('done', 'cancelled') THEN 'tasks.assigned:' || coalesce(assignee_id::text, '') END, 0::numeric),
        (CASE WHEN status NOT IN ('done', 'cancelled') THEN 'tasks.assigned_due:' || coalesce(assignee_id::text, '') || '|' || to_char(due_date, 'YYYY-MM-DD') END, 0::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
        ) AS signed GROUP BY tenant_id, key HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
      ) AS changed GROUP BY tenant_id
      RETURNING tenant_id, id
    LOOP
      IF change.id % 199 = 0 THEN PERFORM numbers_fold(change.tenant_id); END IF;
    END LOOP;
  ELSIF TG_OP = 'DELETE' THEN
    FOR change IN
      INSERT INTO number_changes (tenant_id, keys, counts, sums)
      SELECT tenant_id, array_agg(key), array_agg(count), array_agg(sum)
      FROM (
        SELECT tenant_id, key, sum(sign)::int AS count, sum(sign * amount) AS sum FROM (
      SELECT source_row.tenant_id, counted.key, -1 AS sign, counted.amount FROM removed AS source_row CROSS JOIN LATERAL (VALUES
        ('tasks.status:' || coalesce(status::text, ''), 0::numeric),
        ('tasks.done:' || number_month(completed_at), 0::numeric),
        (CASE WHEN status NOT IN ('done', 'cancelled') THEN 'tasks.due:' || to_char(due_date, 'YYYY-MM-DD') END, 0::numeric),
        (CASE WHEN status NOT IN ('done', 'cancelled') THEN 'tasks.assigned:' || coalesce(assignee_id::text, '') END, 0::numeric),
        (CASE WHEN status NOT IN ('done', 'cancelled') THEN 'tasks.assigned_due:' || coalesce(assignee_id::text, '') || '|' || to_char(due_date, 'YYYY-MM-DD') END, 0::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
        ) AS signed GROUP BY tenant_id, key HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
      ) AS changed GROUP BY tenant_id
      RETURNING tenant_id, id
    LOOP
      IF change.id % 199 = 0 THEN PERFORM numbers_fold(change.tenant_id); END IF;
    END LOOP;
  ELSE
    FOR change IN
      INSERT INTO number_changes (tenant_id, keys, counts, sums)
      SELECT tenant_id, array_agg(key), array_agg(count), array_agg(sum)
      FROM (
        SELECT tenant_id, key, sum(sign)::int AS count, sum(sign * amount) AS sum FROM (
      SELECT source_row.tenant_id, counted.key, 1 AS sign, counted.amount FROM added AS source_row CROSS JOIN LATERAL (VALUES
        ('tasks.status:' || coalesce(status::text, ''), 0::numeric),
        ('tasks.done:' || number_month(completed_at), 0::numeric),
        (CASE WHEN status NOT IN ('done', 'cancelled') THEN 'tasks.due:' || to_char(due_date, 'YYYY-MM-DD') END, 0::numeric),
        (CASE WHEN status NOT IN ('done', 'cancelled') THEN 'tasks.assigned:' || coalesce(assignee_id::text, '') END, 0::numeric),
        (CASE WHEN status NOT IN ('done', 'cancelled') THEN 'tasks.assigned_due:' || coalesce(assignee_id::text, '') || '|' || to_char(due_date, 'YYYY-MM-DD') END, 0::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
      UNION ALL SELECT source_row.tenant_id, counted.key, -1 AS sign, counted.amount FROM removed AS source_row CROSS JOIN LATERAL (VALUES
        ('tasks.status:' || coalesce(status::text, ''), 0::numeric),
        ('tasks.done:' || number_month(completed_at), 0::numeric),
        (CASE WHEN status NOT IN ('done', 'cancelled') THEN 'tasks.due:' || to_char(due_date, 'YYYY-MM-DD') END, 0::numeric),
        (CASE WHEN status NOT IN ('done', 'cancelled') THEN 'tasks.assigned:' || coalesce(assignee_id::text, '') END, 0::numeric),
        (CASE WHEN status NOT IN ('done', 'cancelled') THEN 'tasks.assigned_due:' || coalesce(assignee_id::text, '') || '|' || to_char(due_date, 'YYYY-MM-DD') END, 0::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
        ) AS signed GROUP BY tenant_id, key HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
      ) AS changed GROUP BY tenant_id
      RETURNING tenant_id, id
    LOOP
      IF change.id % 199 = 0 THEN PERFORM numbers_fold(change.tenant_id); END IF;
    END LOOP;
  END IF;
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER numbers_of_tasks_insert
  AFTER INSERT ON tasks REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_tasks();
CREATE OR REPLACE TRIGGER numbers_of_tasks_update
  AFTER UPDATE ON tasks REFERENCING NEW TABLE AS added OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_tasks();
CREATE OR REPLACE TRIGGER numbers_of_tasks_delete
  AFTER DELETE ON tasks REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_tasks();
CREATE OR REPLACE TRIGGER numbers_of_tasks_truncate AFTER TRUNCATE ON tasks
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_after_truncate();

-- The triggers of maintained numbers
INSERT INTO number_sources (source, version) VALUES ('companies', '7c6b425095c2')
  ON CONFLICT (source) DO UPDATE SET version = excluded.version;
CREATE OR REPLACE FUNCTION numbers_of_companies() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  change record;
BEGIN
  IF TG_OP = 'INSERT' THEN
    FOR change IN
      INSERT INTO number_changes (tenant_id, keys, counts, sums)
      SELECT tenant_id, array_agg(key), array_agg(count), array_agg(sum)
      FROM (
        SELECT tenant_id, key, sum(sign)::int AS count, sum(sign * amount) AS sum FROM (
      SELECT source_row.tenant_id, counted.key, 1 AS sign, counted.amount FROM added AS source_row CROSS JOIN LATERAL (VALUES
        ('companies.owner:' || coalesce(owner_id::text, ''), 0::numeric),
        ('companies.created:' || number_month(created_at), 0::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
        ) AS signed GROUP BY tenant_id, key HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
      ) AS changed GROUP BY tenant_id
      RETURNING tenant_id, id
    LOOP
      IF change.id % 199 = 0 THEN PERFORM numbers_fold(change.tenant_id); END IF;
    END LOOP;
  ELSIF TG_OP = 'DELETE' THEN
    FOR change IN
      INSERT INTO number_changes (tenant_id, keys, counts, sums)
      SELECT tenant_id, array_agg(key), array_agg(count), array_agg(sum)
      FROM (
        SELECT tenant_id, key, sum(sign)::int AS count, sum(sign * amount) AS sum FROM (
      SELECT source_row.tenant_id, counted.key, -1 AS sign, counted.amount FROM removed AS source_row CROSS JOIN LATERAL (VALUES
        ('companies.owner:' || coalesce(owner_id::text, ''), 0::numeric),
        ('companies.created:' || number_month(created_at), 0::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
        ) AS signed GROUP BY tenant_id, key HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
      ) AS changed GROUP BY tenant_id
      RETURNING tenant_id, id
    LOOP
      IF change.id % 199 = 0 THEN PERFORM numbers_fold(change.tenant_id); END IF;
    END LOOP;
  ELSE
    FOR change IN
      INSERT INTO number_changes (tenant_id, keys, counts, sums)
      SELECT tenant_id, array_agg(key), array_agg(count), array_agg(sum)
      FROM (
        SELECT tenant_id, key, sum(sign)::int AS count, sum(sign * amount) AS sum FROM (
      SELECT source_row.tenant_id, counted.key, 1 AS sign, counted.amount FROM added AS source_row CROSS JOIN LATERAL (VALUES
        ('companies.owner:' || coalesce(owner_id::text, ''), 0::numeric),
        ('companies.created:' || number_month(created_at), 0::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
      UNION ALL SELECT source_row.tenant_id, counted.key, -1 AS sign, counted.amount FROM removed AS source_row CROSS JOIN LATERAL (VALUES
        ('companies.owner:' || coalesce(owner_id::text, ''), 0::numeric),
        ('companies.created:' || number_month(created_at), 0::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
        ) AS signed GROUP BY tenant_id, key HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
      ) AS changed GROUP BY tenant_id
      RETURNING tenant_id, id
    LOOP
      IF change.id % 199 = 0 THEN PERFORM numbers_fold(change.tenant_id); END IF;
    END LOOP;
  END IF;
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER numbers_of_companies_insert
  AFTER INSERT ON companies REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_companies();
CREATE OR REPLACE TRIGGER numbers_of_companies_update
  AFTER UPDATE ON companies REFERENCING NEW TABLE AS added OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_companies();
CREATE OR REPLACE TRIGGER numbers_of_companies_delete
  AFTER DELETE ON companies REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_companies();
CREATE OR REPLACE TRIGGER numbers_of_companies_truncate AFTER TRUNCATE ON companies
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_after_truncate();

-- The triggers of maintained numbers
INSERT INTO number_sources (source, version) VALUES ('contacts', 'd0880c46b1de')
  ON CONFLICT (source) DO UPDATE SET version = excluded.version;
CREATE OR REPLACE FUNCTION numbers_of_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  change record;
BEGIN
  IF TG_OP = 'INSERT' THEN
    FOR change IN
      INSERT INTO number_changes (tenant_id, keys, counts, sums)
      SELECT tenant_id, array_agg(key), array_agg(count), array_agg(sum)
      FROM (
        SELECT tenant_id, key, sum(sign)::int AS count, sum(sign * amount) AS sum FROM (
      SELECT source_row.tenant_id, counted.key, 1 AS sign, counted.amount FROM added AS source_row CROSS JOIN LATERAL (VALUES
        ('contacts.owner:' || coalesce(owner_id::text, ''), 0::numeric),
        ('contacts.created:' || number_month(created_at), 0::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
        ) AS signed GROUP BY tenant_id, key HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
      ) AS changed GROUP BY tenant_id
      RETURNING tenant_id, id
    LOOP
      IF change.id % 199 = 0 THEN PERFORM numbers_fold(change.tenant_id); END IF;
    END LOOP;
  ELSIF TG_OP = 'DELETE' THEN
    FOR change IN
      INSERT INTO number_changes (tenant_id, keys, counts, sums)
      SELECT tenant_id, array_agg(key), array_agg(count), array_agg(sum)
      FROM (
        SELECT tenant_id, key, sum(sign)::int AS count, sum(sign * amount) AS sum FROM (
      SELECT source_row.tenant_id, counted.key, -1 AS sign, counted.amount FROM removed AS source_row CROSS JOIN LATERAL (VALUES
        ('contacts.owner:' || coalesce(owner_id::text, ''), 0::numeric),
        ('contacts.created:' || number_month(created_at), 0::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
        ) AS signed GROUP BY tenant_id, key HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
      ) AS changed GROUP BY tenant_id
      RETURNING tenant_id, id
    LOOP
      IF change.id % 199 = 0 THEN PERFORM numbers_fold(change.tenant_id); END IF;
    END LOOP;
  ELSE
    FOR change IN
      INSERT INTO number_changes (tenant_id, keys, counts, sums)
      SELECT tenant_id, array_agg(key), array_agg(count), array_agg(sum)
      FROM (
        SELECT tenant_id, key, sum(sign)::int AS count, sum(sign * amount) AS sum FROM (
      SELECT source_row.tenant_id, counted.key, 1 AS sign, counted.amount FROM added AS source_row CROSS JOIN LATERAL (VALUES
        ('contacts.owner:' || coalesce(owner_id::text, ''), 0::numeric),
        ('contacts.created:' || number_month(created_at), 0::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
      UNION ALL SELECT source_row.tenant_id, counted.key, -1 AS sign, counted.amount FROM removed AS source_row CROSS JOIN LATERAL (VALUES
        ('contacts.owner:' || coalesce(owner_id::text, ''), 0::numeric),
        ('contacts.created:' || number_month(created_at), 0::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
        ) AS signed GROUP BY tenant_id, key HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
      ) AS changed GROUP BY tenant_id
      RETURNING tenant_id, id
    LOOP
      IF change.id % 199 = 0 THEN PERFORM numbers_fold(change.tenant_id); END IF;
    END LOOP;
  END IF;
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER numbers_of_contacts_insert
  AFTER INSERT ON contacts REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_contacts();
CREATE OR REPLACE TRIGGER numbers_of_contacts_update
  AFTER UPDATE ON contacts REFERENCING NEW TABLE AS added OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_contacts();
CREATE OR REPLACE TRIGGER numbers_of_contacts_delete
  AFTER DELETE ON contacts REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_contacts();
CREATE OR REPLACE TRIGGER numbers_of_contacts_truncate AFTER TRUNCATE ON contacts
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_after_truncate();

-- The triggers of maintained numbers
INSERT INTO number_sources (source, version) VALUES ('projects', '8ac1b1f9f82b')
  ON CONFLICT (source) DO UPDATE SET version = excluded.version;
CREATE OR REPLACE FUNCTION numbers_of_projects() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  change record;
BEGIN
  IF TG_OP = 'INSERT' THEN
    FOR change IN
      INSERT INTO number_changes (tenant_id, keys, counts, sums)
      SELECT tenant_id, array_agg(key), array_agg(count), array_agg(sum)
      FROM (
        SELECT tenant_id, key, sum(sign)::int AS count, sum(sign * amount) AS sum FROM (
      SELECT source_row.tenant_id, counted.key, 1 AS sign, counted.amount FROM added AS source_row CROSS JOIN LATERAL (VALUES
        ('projects.status:' || coalesce(status::text, ''), 0::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
        ) AS signed GROUP BY tenant_id, key HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
      ) AS changed GROUP BY tenant_id
      RETURNING tenant_id, id
    LOOP
      IF change.id % 199 = 0 THEN PERFORM numbers_fold(change.tenant_id); END IF;
    END LOOP;
  ELSIF TG_OP = 'DELETE' THEN
    FOR change IN
      INSERT INTO number_changes (tenant_id, keys, counts, sums)
      SELECT tenant_id, array_agg(key), array_agg(count), array_agg(sum)
      FROM (
        SELECT tenant_id, key, sum(sign)::int AS count, sum(sign * amount) AS sum FROM (
      SELECT source_row.tenant_id, counted.key, -1 AS sign, counted.amount FROM removed AS source_row CROSS JOIN LATERAL (VALUES
        ('projects.status:' || coalesce(status::text, ''), 0::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
        ) AS signed GROUP BY tenant_id, key HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
      ) AS changed GROUP BY tenant_id
      RETURNING tenant_id, id
    LOOP
      IF change.id % 199 = 0 THEN PERFORM numbers_fold(change.tenant_id); END IF;
    END LOOP;
  ELSE
    FOR change IN
      INSERT INTO number_changes (tenant_id, keys, counts, sums)
      SELECT tenant_id, array_agg(key), array_agg(count), array_agg(sum)
      FROM (
        SELECT tenant_id, key, sum(sign)::int AS count, sum(sign * amount) AS sum FROM (
      SELECT source_row.tenant_id, counted.key, 1 AS sign, counted.amount FROM added AS source_row CROSS JOIN LATERAL (VALUES
        ('projects.status:' || coalesce(status::text, ''), 0::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
      UNION ALL SELECT source_row.tenant_id, counted.key, -1 AS sign, counted.amount FROM removed AS source_row CROSS JOIN LATERAL (VALUES
        ('projects.status:' || coalesce(status::text, ''), 0::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
        ) AS signed GROUP BY tenant_id, key HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
      ) AS changed GROUP BY tenant_id
      RETURNING tenant_id, id
    LOOP
      IF change.id % 199 = 0 THEN PERFORM numbers_fold(change.tenant_id); END IF;
    END LOOP;
  END IF;
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER numbers_of_projects_insert
  AFTER INSERT ON projects REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_projects();
CREATE OR REPLACE TRIGGER numbers_of_projects_update
  AFTER UPDATE ON projects REFERENCING NEW TABLE AS added OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_projects();
CREATE OR REPLACE TRIGGER numbers_of_projects_delete
  AFTER DELETE ON projects REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_projects();
CREATE OR REPLACE TRIGGER numbers_of_projects_truncate AFTER TRUNCATE ON projects
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_after_truncate();
