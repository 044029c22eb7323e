/** The common steps of the tests of imports and exports in a world of jobs. */
import { expect } from 'vitest';
import type { ImportKind } from '../../../src/crm/imports/read/plan.ts';
import type { ImportAnswer } from '../../../src/crm/imports/schema.ts';
import type { JobWorld } from '../../support/job-world.ts';
import { readFrames } from '../../support/sse.ts';

/** Sends a request to the current instance, by default as the world's tenant. */
export function ask(world: JobWorld, path: string, init: Parameters<JobWorld['app']['test']['request']>[1] = {}) {
  return world.app.test.request(path, { key: world.tenant.keys.all, ...init });
}

/** Adds a record through the API, and returns its id. */
export async function added(world: JobWorld, path: string, json: object): Promise<string> {
  const response = await ask(world, path, { method: 'POST', json });
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: string }).id;
}

/** Begins with a new instance, without records and mappings, so that no test sees those of an earlier one. */
export async function startOver(world: JobWorld): Promise<void> {
  world.replace();
  for (const table of ['deals', 'contacts', 'companies', 'import_mappings']) {
    await world.query(`DELETE FROM ${table} WHERE tenant_id = $1`, [world.tenant.id]);
  }
}

/** Sends a file; its import waits for the world's clock. */
export async function upload(
  world: JobWorld,
  body: BodyInit,
  search = '',
  kind: ImportKind = 'contacts',
): Promise<Response> {
  return ask(world, `/imports/${kind}${search}`, { method: 'POST', headers: { 'content-type': 'text/csv' }, body });
}

/**
 * Begins to listen to the topic that an import or export names, with a key that may only read. The returned function
 * returns the types of the events since then, up to the end of the job.
 */
export async function listen(world: JobWorld, path: string): Promise<() => Promise<string[]>> {
  const key = world.tenant.keys.readOnly;
  const link = (await ask(world, path, { key })).headers.get('link') ?? '';
  const feed = /^<([^>]+)>; rel="monitor"$/.exec(link)?.[1] ?? '';
  const connect = async (after = '') => readFrames(await ask(world, `${feed}${after}`, { key }));
  const first = await connect();
  const hello = await first.event();
  await first.close();
  return async () => {
    const reader = await connect(`&after=${hello?.id}`);
    expect(await reader.event()).toMatchObject({ event: 'hello', data: { resumed: true } });
    const types: string[] = [];
    while (!/done|dead|cancelled/.test(types.at(-1) ?? '')) {
      const next = await reader.event();
      types.push((next?.data as { type?: string } | undefined)?.type ?? expect.fail('the connection has ended'));
    }
    await reader.close();
    return types;
  };
}

/** Sends a file, expects success, and returns the import's id. */
export async function begin(
  world: JobWorld,
  body: BodyInit,
  search = '',
  kind: ImportKind = 'contacts',
): Promise<string> {
  const response = await upload(world, body, search, kind);
  const answer = (await response.json()) as ImportAnswer;
  expect(response.status, JSON.stringify(answer)).toBe(202);
  expect(response.headers.get('location')).toBe(`/imports/${answer.id}`);
  return answer.id;
}

export async function look(world: JobWorld, id: string): Promise<ImportAnswer> {
  const response = await ask(world, `/imports/${id}`);
  expect(response.status).toBe(200);
  return (await response.json()) as ImportAnswer;
}

/** Sends a file and waits for its import. */
export async function importFile(
  world: JobWorld,
  body: BodyInit,
  search = '',
  kind: ImportKind = 'contacts',
): Promise<ImportAnswer> {
  const id = await begin(world, body, search, kind);
  await rest(world, async () => (await look(world, id)).status === 'done');
  return look(world, id);
}

/** Exports all records of a kind, and returns the file. */
export async function exportedFile(world: JobWorld, kind: ImportKind): Promise<string> {
  const { id } = (await (await ask(world, `/exports/${kind}`, { method: 'POST' })).json()) as { id: string };
  await rest(world, async () => (await ask(world, `/exports/${id}/file`)).status === 200);
  return (await ask(world, `/exports/${id}/file`)).text();
}

/** A file with this number of contacts, numbered from the given one. */
export function fileOf(count: number, { from = 0, phone = '' } = {}): string {
  const rows = Array.from({ length: count }, (_, index) => {
    const n = from + index;
    return `Name${n},Surname,person${n}@example.com,${phone},Company ${n % 7}`;
  });
  return `first name,last name,e-mail,phone,company\n${rows.join('\n')}\n`;
}

export async function countContacts(world: JobWorld, tenant = world.tenant.id) {
  const [row] = await world.query(
    'SELECT count(*)::int AS "all", count(DISTINCT email)::int AS addresses FROM contacts WHERE tenant_id = $1',
    [tenant],
  );
  return row;
}

/** Lets minutes pass, each only when the job is at rest: the clock must not run ahead of work under way. */
export async function minutes(world: JobWorld, count: number, jobId: string): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    await world.tick();
    for (let [last, same] = ['', 0]; same < 3; ) {
      await world.settle();
      const now = JSON.stringify(await world.read(jobId));
      same = now === last ? same + 1 : 0;
      last = now;
    }
  }
}

/** Lets jobs be delivered until a condition holds: on a slow machine a delivery may be asked to retry shortly. */
export async function rest(world: JobWorld, isSo: () => Promise<boolean>): Promise<void> {
  await world.settle();
  for (let minute = 0; minute < 5 && !(await isSo()); minute += 1) await world.tick();
}
