/** Random statements on the rows that have numbers: every kind of write, with the parts of keys drawn from few values. */
import fc from 'fast-check';

/** A statement with its values. `$1` is the tenant. */
export interface Operation {
  text: string;
  values: unknown[];
}

export const TENANTS = ['one', 'two'] as const;
export const USERS = ['user_1', 'user_2'] as const;

/** The rows that every world begins with. */
export const BEGINNING = `
  INSERT INTO tenants (id, name, currency, updated_at)
    SELECT id, id, 'EUR', now() FROM unnest(ARRAY['one', 'two']) AS id ON CONFLICT DO NOTHING;
  INSERT INTO users (tenant_id, id, email, name, role, updated_at)
    SELECT t.id, u.id, u.id, u.id, 'member', now() FROM tenants t, unnest(ARRAY['user_1', 'user_2']) AS u (id)
    ON CONFLICT DO NOTHING;
  INSERT INTO projects (tenant_id, id, name, updated_at)
    SELECT t.id, p.id, p.id, now() FROM tenants t, unnest(ARRAY['project_1', 'project_2']) AS p (id)
    ON CONFLICT DO NOTHING`;

const stage = fc.constantFrom('lead', 'proposal', 'won', 'lost');
const status = fc.constantFrom('todo', 'doing', 'done', 'cancelled');
const owner = fc.constantFrom(null, ...USERS);
const project = fc.constantFrom(null, 'project_1', 'project_2');
/** Around the turns of months, where quarters of an hour count. */
const moment = fc
  .tuple(fc.constantFrom(...['2026-09-30', '2026-10-01', '2026-10-15', '2026-11-01']), fc.integer({ min: 0, max: 95 }))
  .map(([day, quarter]) => new Date(Date.parse(day) + quarter * 900_000 + 1).toISOString().slice(0, -1));
const someMoment = fc.option(moment);
const due = fc.constantFrom(null, '2026-10-01', '2026-10-02', '2026-12-24');
const value = fc.constantFrom('0', '0.0001', '12.34', '999999999.9999');
/** The last character of the ids of rows: a statement concerns all rows with it. */
const group = fc.constantFrom('0', '1', '2');

const DEAL = '(tenant_id, id, title, stage, value, owner_id, created_at, closed_at, updated_at)';
const TASK = '(tenant_id, id, title, status, assignee_id, project_id, due_date, completed_at, updated_at)';
/** The ids of new rows: they name their writer, and end with their group, `$2`. */
const newIds = (kind: string) => `'${kind}_' || n || '_{new}_' || $2`;

let created = 0;

/** Creates the statements of a writer. Rows of one writer are never written by another. */
export function operationsOf(writer: string): fc.Arbitrary<Operation[]> {
  const named = (text: string, values: unknown[]): Operation => ({
    text: text.replaceAll('{new}', () => {
      created += 1;
      return `${writer}x${created}`;
    }),
    values,
  });
  const mine = `id LIKE '%\\_${writer}x%'`;
  return fc.array(
    fc.oneof(
      { weight: 4, arbitrary: insertDeals() },
      { weight: 3, arbitrary: changeDeals() },
      { weight: 1, arbitrary: removeDeals() },
      { weight: 1, arbitrary: upsertDeals() },
      { weight: 1, arbitrary: mergeDeals() },
      { weight: 3, arbitrary: insertTasks() },
      { weight: 2, arbitrary: changeTasks() },
      { weight: 1, arbitrary: fc.constantFrom('companies', 'contacts').chain(insertOthers) },
      { weight: 1, arbitrary: fc.constantFrom('companies', 'contacts').map(removeOthers) },
    ),
    { minLength: 1, maxLength: 6 },
  );

  function insertDeals() {
    return fc
      .record({ n: fc.integer({ min: 1, max: 40 }), stage, value, owner, moment, closed: someMoment, group })
      .map((row) =>
        named(
          `INSERT INTO deals ${DEAL}
         SELECT $1, ${newIds('deal')}, 't', $3::deal_stage, $4::numeric, $5, $6::timestamp, $7::timestamp, now()
         FROM generate_series(1, $8::int) AS n`,
          ['', row.group, row.stage, row.value, row.owner, row.moment, row.closed, row.n],
        ),
      );
  }
  function changeDeals() {
    return fc
      .oneof(
        fc.record({ set: fc.constant('stage = $3::deal_stage'), to: stage }),
        fc.record({ set: fc.constant('value = $3::numeric'), to: value }),
        fc.record({ set: fc.constant('owner_id = $3::text'), to: owner }),
        fc.record({ set: fc.constant('closed_at = $3::timestamp'), to: someMoment }),
        fc.record({ set: fc.constant('created_at = $3::timestamp'), to: moment }),
        fc.record({ set: fc.constant('title = $3::text'), to: fc.constant('other') }),
      )
      .chain(({ set, to }) =>
        group.map((of) =>
          named(`UPDATE deals SET ${set} WHERE tenant_id = $1 AND ${mine} AND right(id, 1) = $2`, ['', of, to]),
        ),
      );
  }
  function removeDeals() {
    return group.map((of) =>
      named(`DELETE FROM deals WHERE tenant_id = $1 AND ${mine} AND right(id, 1) = $2`, ['', of]),
    );
  }
  function upsertDeals() {
    return fc.record({ stage, value }).map((row) =>
      named(
        `INSERT INTO deals (tenant_id, id, title, stage, value, updated_at)
         SELECT $1, 'deal_' || n || '_${writer}x_0', 't', $2::deal_stage, $3::numeric, now() FROM generate_series(1, 3) AS n
         ON CONFLICT (tenant_id, id) DO UPDATE SET stage = excluded.stage, value = deals.value + excluded.value`,
        ['', row.stage, row.value],
      ),
    );
  }
  function mergeDeals() {
    return stage.map((to) =>
      named(
        `MERGE INTO deals USING (SELECT $1 AS tenant, 'deal_' || n || '_${writer}x_0' AS id FROM generate_series(1, 4) AS n)
           AS given ON deals.tenant_id = given.tenant AND deals.id = given.id
         WHEN MATCHED AND stage = 'lost' THEN DELETE
         WHEN MATCHED THEN UPDATE SET stage = $2::deal_stage
         WHEN NOT MATCHED THEN INSERT (tenant_id, id, title, stage, value, updated_at)
           VALUES (given.tenant, given.id, 't', $2::deal_stage, 7, now())`,
        ['', to],
      ),
    );
  }
  function insertTasks() {
    return fc
      .record({ n: fc.integer({ min: 1, max: 9 }), status, owner, project, due, done: someMoment, group })
      .map((row) =>
        named(
          `INSERT INTO tasks ${TASK}
         SELECT $1, ${newIds('task')}, 't', $3::task_status, $4, $5, $6::date, $7::timestamp, now()
         FROM generate_series(1, $8::int) AS n`,
          ['', row.group, row.status, row.owner, row.project, row.due, row.done, row.n],
        ),
      );
  }
  function changeTasks() {
    return fc.record({ status, owner, due, group }).map((row) =>
      named(
        `UPDATE tasks SET status = $3::task_status, assignee_id = $4, due_date = $5::date
           WHERE tenant_id = $1 AND ${mine} AND right(id, 1) = $2`,
        ['', row.group, row.status, row.owner, row.due],
      ),
    );
  }
  function insertOthers(table: string) {
    return fc.record({ owner, moment }).map((row) =>
      named(
        `INSERT INTO ${table} (tenant_id, id, name, owner_id, created_at, updated_at)
         VALUES ($1, '${table}_{new}', 'n', $2, $3::timestamp, now())`,
        ['', row.owner, row.moment],
      ),
    );
  }
  function removeOthers(table: string) {
    return named(`DELETE FROM ${table} WHERE tenant_id = $1 AND ${mine}`, ['']);
  }
}

/** Statements that delete rows to which other rows refer: references are cleared, and tasks go with their project. */
export const cascades: readonly string[] = [
  "DELETE FROM users WHERE tenant_id = $1 AND id = 'user_1'",
  "DELETE FROM projects WHERE tenant_id = $1 AND id = 'project_1'",
  'DELETE FROM deals WHERE tenant_id = $1',
  'DELETE FROM companies WHERE tenant_id = $1',
];

/** Returns the operation for a tenant. */
export function forTenant({ text, values }: Operation, tenant: string): [text: string, values: unknown[]] {
  return [text, values.map((value, index) => (index === 0 ? tenant : value))];
}
