/** The desk of an auditor: a world that seals its trail, entries to look at, and the database without its triggers. */
import { sealSchedule } from '../../../src/platform/audit/index.ts';
import { createSchedules } from '../../../src/platform/jobs/index.ts';
import { type Desk, type DeskBrowser, open, openDesk, wordsOf } from './desk.ts';

export type AuditDesk = Awaited<ReturnType<typeof openAuditDesk>>;

export async function openAuditDesk() {
  const desk: Desk = await openDesk({ schedules: createSchedules([sealSchedule]) });
  const { world } = desk;
  const { id: tenant } = world.tenant;
  let auditor: DeskBrowser | undefined;
  let things = 0;

  /** Sends a statement without the triggers of the trail, as a superuser can. `$1` is the tenant. */
  const falsify = (sql: string) =>
    world.query(`WITH off AS MATERIALIZED (SELECT set_config('session_replication_role', 'replica', true)) ${sql}`, [
      tenant,
    ]);

  return {
    desk,
    world,
    falsify,
    /** The browser of the auditor. */
    auditor: () => auditor as DeskBrowser, // Set by `clear`, with which each test begins.
    async clear() {
      await desk.clear();
      auditor = (await desk.signedIn({ role: 'auditor' })).browser;
    },
    /** A kind of thing that no other test has. */
    newType() {
      things += 1;
      return `boat-${things}`;
    },
    /** Adds an entry, and returns its id. */
    async add(action: string, entity: { type: string; id: string }, data: object = {}): Promise<string> {
      await world.app.within((scope) => scope.commit((tx) => tx.audit({ action, entity, data })));
      const [row] = await world.query('SELECT id FROM audit_entries WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1', [
        tenant,
      ]);
      return String(row?.['id']);
    },
    /** Seals the entries, and falsifies the trail until the work has ended. */
    async whileFalse<Result>(sql: string, work: () => Promise<Result>): Promise<Result> {
      const kept: [string, string][] = [];
      for (const table of ['audit_entries', 'audit_seals']) {
        const rows = await world.query(`SELECT to_jsonb(t)::text AS row FROM ${table} t WHERE tenant_id = $1`, [
          tenant,
        ]);
        kept.push(...rows.map((row): [string, string] => [table, String(row['row'])]));
      }
      await falsify(sql);
      try {
        return await work();
      } finally {
        await falsify('DELETE FROM audit_entries USING off WHERE tenant_id = $1');
        await falsify('DELETE FROM audit_seals USING off WHERE tenant_id = $1');
        for (const [table, row] of kept) {
          await world.query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_record(NULL::${table}, $1::jsonb)`, [
            row,
          ]);
        }
      }
    },
    /** Opens a page of the trail as the auditor. `path` follows `/console/audit`. */
    async show(path: string) {
      const page = await open(this.auditor(), `/console/audit${path}`);
      return { ...page, words: wordsOf(page.text) };
    },
    close: () => desk.close(),
  };
}
