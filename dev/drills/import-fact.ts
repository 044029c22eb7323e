/** The fact of an import: whether each row of a file becomes one contact, however often its slices run. */
import type { Fact } from './fact.ts';

/** Three slices of 500 rows. */
const ROWS = 1_500;
/** A part of the path to which QStash delivers the slices of the import. */
export const IMPORT_PATH = 'contacts.import';

export const importFact = {
  nature: 'job',
  healthy: `done, ${ROWS} rows once`,
  async make(world) {
    const lines = Array.from({ length: ROWS }, (_, row) => `Person ${row},row${row}@drill.example`);
    const response = await world.request('/imports/contacts', { csv: `Name,E-Mail\n${lines.join('\n')}\n` });
    if (response.status !== 202) throw new Error(`The import was refused: ${response.status}`);
    const { id } = (await response.json()) as { id: string };
    return async () => {
      const status = async () => ((await (await world.request(`/imports/${id}`)).json()) as { status: string }).status;
      for (let minute = 0; minute < 30 && (await status()) !== 'done'; minute += 1) await world.minutes(1);
      const [row] = await world.ask<{ rows: number; people: number }>(
        `SELECT count(*)::int AS rows, count(DISTINCT email)::int AS people FROM contacts WHERE tenant_id = $1`,
        [world.tenant.id],
      );
      const each = row?.rows === row?.people ? 'once' : `for ${row?.people} people`;
      return `${await status()}, ${row?.rows} rows ${each}`;
    };
  },
} satisfies Fact;
