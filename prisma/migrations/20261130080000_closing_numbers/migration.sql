-- Made by `npm run db:migration`, then edited where Prisma has no words for it: the generated column.
ALTER TABLE "deal_closings" ADD COLUMN "seconds" DECIMAL(20,3)
  GENERATED ALWAYS AS (extract(epoch FROM "closed_at" - "created_at")) STORED;

-- The triggers of maintained numbers
INSERT INTO number_sources (source, version) VALUES ('deal_closings', '908bd70103bd')
  ON CONFLICT (source) DO UPDATE SET version = excluded.version;
CREATE OR REPLACE FUNCTION numbers_of_deal_closings() RETURNS trigger LANGUAGE plpgsql AS $$
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
        ('deal_closings.closed:' || coalesce(generation::text, '') || '|' || number_month(closed_at), seconds::numeric),
        (CASE WHEN won THEN 'deal_closings.won:' || coalesce(generation::text, '') || '|' || number_month(closed_at) END, value::numeric)
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
        ('deal_closings.closed:' || coalesce(generation::text, '') || '|' || number_month(closed_at), seconds::numeric),
        (CASE WHEN won THEN 'deal_closings.won:' || coalesce(generation::text, '') || '|' || number_month(closed_at) END, value::numeric)
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
        ('deal_closings.closed:' || coalesce(generation::text, '') || '|' || number_month(closed_at), seconds::numeric),
        (CASE WHEN won THEN 'deal_closings.won:' || coalesce(generation::text, '') || '|' || number_month(closed_at) END, value::numeric)
      ) AS counted (key, amount) WHERE counted.key IS NOT NULL
      UNION ALL SELECT source_row.tenant_id, counted.key, -1 AS sign, counted.amount FROM removed AS source_row CROSS JOIN LATERAL (VALUES
        ('deal_closings.closed:' || coalesce(generation::text, '') || '|' || number_month(closed_at), seconds::numeric),
        (CASE WHEN won THEN 'deal_closings.won:' || coalesce(generation::text, '') || '|' || number_month(closed_at) END, value::numeric)
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
CREATE OR REPLACE TRIGGER numbers_of_deal_closings_insert
  AFTER INSERT ON deal_closings REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_deal_closings();
CREATE OR REPLACE TRIGGER numbers_of_deal_closings_update
  AFTER UPDATE ON deal_closings REFERENCING NEW TABLE AS added OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_deal_closings();
CREATE OR REPLACE TRIGGER numbers_of_deal_closings_delete
  AFTER DELETE ON deal_closings REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_of_deal_closings();
CREATE OR REPLACE TRIGGER numbers_of_deal_closings_truncate AFTER TRUNCATE ON deal_closings
  FOR EACH STATEMENT EXECUTE FUNCTION numbers_after_truncate();
