/** Contacts as a file: each contact once, readable by a spreadsheet and by an import, deleted after a week. */
import Papa from 'papaparse';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { crm } from '../../../src/crm/index.ts';
import type { Scope } from '../../../src/platform/http/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant } from '../../support/tenant.ts';
import { ask, fileOf, importFile, listen, minutes, rest } from './transfers.ts';

let world: JobWorld;
beforeAll(async () => {
  world = await openJobWorld(crm.jobs);
  const odd = 'Person,odd@example.com,+44 20,"Quotes ""and"", commas"\n=cmd|x,eve@example.com,,\n';
  await importFile(world, `name,email,phone,company\n${odd}`);
  await importFile(world, fileOf(2100, { phone: '1' }));
});
afterAll(() => world.close());

async function begin(filter = ''): Promise<string> {
  const response = await ask(world, `/exports/contacts${filter}`, { method: 'POST' });
  expect(response.status).toBe(202);
  return response.headers.get('location') ?? expect.fail('no location');
}
const status = async (path: string) => (await (await ask(world, path)).json()) as { status: string; rows: number };
const file = async (path: string) => {
  const response = await ask(world, `${path}/file`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="contacts-export_\w+\.csv"$/);
  return Buffer.from(await response.arrayBuffer()).toString();
};
const rowsIn = (text: string) =>
  Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true, newline: '\r\n' }).data;

describe('an export', () => {
  test('has every contact once, written in several slices, and tells its progress and its end live', async () => {
    world.app.faults = { publish: ['down'] };
    const path = await begin();
    expect(await status(path)).toMatchObject({ status: 'queued', rows: 0 });
    expect((await ask(world, `${path}/file`)).status).toBe(409);
    const heard = await listen(world, path);
    await rest(world, async () => (await status(path)).status === 'done');
    expect(await status(path)).toMatchObject({ status: 'done', rows: 2102 });
    const types = await heard();
    expect([types[0], types.at(-1)]).toEqual(['job.progress', 'job.done']);
    const text = await file(path);
    expect(text.startsWith('\uFEFFName,E-mail,Phone,')).toBe(true);
    const rows = rowsIn(text);
    expect(new Set(rows.map((row) => row['Id'])).size).toBe(2102);
    expect(rows.find((row) => row['E-mail'] === 'odd@example.com')).toMatchObject({
      Phone: "'+44 20",
      Company: 'Quotes "and", commas',
    });
    expect(rows.find((row) => row['E-mail'] === 'eve@example.com')?.['Name']).toBe("'=cmd|x");
  });

  test('can be imported without changing a contact', async () => {
    const path = await begin();
    await rest(world, async () => (await status(path)).status === 'done');
    expect(await importFile(world, await file(path))).toMatchObject({ unchanged: 2102, imported: 0, updated: 0 });
  });

  test('takes the filters of the list', async () => {
    const path = await begin('?search=odd');
    await rest(world, async () => (await status(path)).status === 'done');
    expect(rowsIn(await file(path)).map((row) => row['E-mail'])).toEqual(['odd@example.com']);
  });

  test('of a search has every contact, also if a row is gone that the search has found', async () => {
    const entry = [world.tenant.id, 'contact', 'contact_0'];
    await world.query(`SELECT search_put($1, $2, $3, 'Gone Surname', '', '', '', '{}')`, entry);
    const path = await begin('?search=surn');
    await rest(world, async () => (await status(path)).status === 'done');
    expect(await status(path)).toMatchObject({ rows: 2100 });
    expect(new Set(rowsIn(await file(path)).map((row) => row['Id'])).size).toBe(2100);
    await world.query('DELETE FROM search_entries WHERE tenant_id = $1 AND kind = $2 AND id = $3', entry);
  });

  test('has every contact once even if a process died during the job', async () => {
    const { app } = world;
    app.faults = { finish: ['die-before'] };
    const path = await begin();
    void world.advance(5_000);
    await app.died;
    world.replace();
    await minutes(world, 10, path.split('/').at(-1) ?? '');
    expect(await status(path)).toMatchObject({ status: 'done', rows: 2102 });
    expect(new Set(rowsIn(await file(path)).map((row) => row['Id'])).size).toBe(2102);
  });

  test('is in the list of its tenant, newest first, page by page, with the state of its job', async () => {
    const { keys } = await createTenant(world.connectionString);
    const own = (path: string, init: Parameters<typeof ask>[2] = {}) => ask(world, path, { key: keys.all, ...init });
    interface Page {
      items: { id: string; kind: string; status: string }[];
      nextCursor: string | null;
    }
    const list = async (search = '') => (await (await own(`/exports${search}`)).json()) as Page;
    expect(await list()).toEqual({ items: [], nextCursor: null });
    const begun: string[] = [];
    for (const kind of ['contacts', 'deals', 'tasks']) {
      const response = await own(`/exports/${kind}`, { method: 'POST' });
      begun.unshift(((await response.json()) as { id: string }).id);
    }
    const first = await list('?limit=2');
    expect(first.items.map(({ id }) => id)).toEqual(begun.slice(0, 2));
    const second = await list(`?limit=2&cursor=${first.nextCursor}`);
    expect([second.items.map(({ id, kind }) => [id, kind]), second.nextCursor]).toEqual([
      [[begun[2], 'contacts']],
      null,
    ]);
    await rest(world, async () => (await list()).items.every(({ status: state }) => state === 'done'));
    for (const each of (await list()).items) expect(await (await own(`/exports/${each.id}`)).json()).toEqual(each);
    expect((await own('/exports?limit=0')).status).toBe(400);
  });

  test('is not visible to another tenant', async () => {
    const path = await begin();
    await rest(world, async () => (await status(path)).status === 'done');
    const { keys } = await createTenant(world.connectionString);
    for (const each of [path, `${path}/file`]) expect((await ask(world, each, { key: keys.all })).status).toBe(404);
  });

  test('is deleted after a week', async () => {
    const path = await begin('?search=odd');
    await rest(world, async () => (await status(path)).status === 'done');
    await world.advance(7 * 86_400_000 - 60_000);
    expect((await ask(world, path)).status).toBe(200);
    await world.tick(3);
    expect((await ask(world, path)).status).toBe(404);
    const id = path.split('/').at(-1);
    expect(await world.query('SELECT seq FROM export_chunks WHERE export_id = $1', [id])).toEqual([]);
  });
});

describe('the file of an export', () => {
  let path: string;
  let scopes: Scope[];
  beforeAll(async () => {
    path = await finished();
  });
  beforeEach(() => {
    const { platform } = world.app.test;
    const open = platform.scope;
    scopes = [];
    vi.spyOn(platform, 'scope').mockImplementation((id) => {
      const scope = open(id);
      scopes.push(scope);
      return scope;
    });
  });
  afterEach(() => vi.restoreAllMocks());

  async function finished(): Promise<string> {
    const made = await begin();
    await rest(world, async () => (await status(made)).status === 'done');
    return made;
  }

  /** Whether the scope of the last request still has its database connection. */
  const isOpen = async () => {
    const scope = scopes.at(-1) ?? expect.fail('no request');
    return scope.database.client().then(
      () => true,
      () => false,
    );
  };
  const readerOf = (response: Response) => {
    const reader = response.body?.getReader() ?? expect.fail('no body');
    const read = async () => {
      const { value } = await reader.read();
      return value && Buffer.from(value).toString();
    };
    return { read, cancel: () => reader.cancel() };
  };
  const setPart = (seq: number, text: string) =>
    world.query('UPDATE export_chunks SET text = $1 WHERE export_id = $2 AND seq = $3', [
      text,
      path.split('/').at(-1),
      seq,
    ]);

  test('is read part by part, each after the caller took the previous one; then the scope ends', async () => {
    const { read } = readerOf(await ask(world, `${path}/file`));
    for (const seq of [0, 1, 2]) {
      expect(await isOpen()).toBe(true);
      await setPart(seq, `part ${seq}`);
      expect(await read()).toBe(`part ${seq}`);
    }
    expect(await isOpen()).toBe(true);
    expect(await read()).toBeUndefined();
    expect(await isOpen()).toBe(false);
  });

  test('frees the database when its caller stops reading', async () => {
    const { read, cancel } = readerOf(await ask(world, `${path}/file`));
    await read();
    await cancel();
    expect(await isOpen()).toBe(false);
  });

  test('fails at a missing part instead of ending early', async () => {
    const damaged = await finished();
    const { read } = readerOf(await ask(world, `${damaged}/file`));
    await read();
    await world.query('DELETE FROM export_chunks WHERE export_id = $1 AND seq = 1', [damaged.split('/').at(-1)]);
    await expect(read()).rejects.toThrow();
    expect(await isOpen()).toBe(false);
  });

  test.each<[string, RequestInit, number]>([
    ['HEAD', { method: 'HEAD' }, 200],
    ['a caller that has the file already', { headers: { 'if-none-match': '*' } }, 304],
  ])('is not read for %s', async (_what, init, expected) => {
    expect((await ask(world, `${path}/file`, init)).status).toBe(expected);
    expect(await isOpen()).toBe(false);
  });

  test('on Workers keeps the runtime waiting until it is read', async () => {
    const waits: Promise<unknown>[] = [];
    const { platform } = world.app.test;
    const app = createApp(() => ({ scope: platform.scope, waitUntil: (work) => waits.push(work) }));
    const headers = { authorization: `Bearer ${world.tenant.keys.all}` };
    const { read, cancel } = readerOf(await app.request(`${path}/file`, { headers }));
    await read();
    expect(waits).toHaveLength(1);
    expect(await isOpen()).toBe(true);
    await cancel();
    await Promise.all(waits);
    expect(await isOpen()).toBe(false);
  });
});
