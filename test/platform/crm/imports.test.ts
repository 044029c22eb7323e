/** Contacts from a file: the outcome of each row, and that no fault imports a row twice or loses one. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { crm } from '../../../src/crm/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant } from '../../support/tenant.ts';
import {
  ask,
  begin,
  countContacts,
  fileOf,
  importFile,
  listen,
  look,
  minutes,
  startOver,
  upload,
} from './transfers.ts';

let world: JobWorld;
beforeAll(async () => {
  world = await openJobWorld(crm.jobs);
});
beforeEach(() => startOver(world));
afterAll(() => world.close());

const contact = async (email: string) => {
  const rows = await world.query(
    `SELECT c.name, c.phone, c.job_title, co.name AS company FROM contacts c
     LEFT JOIN companies co ON co.tenant_id = c.tenant_id AND co.id = c.company_id
     WHERE c.tenant_id = $1 AND c.email = $2`,
    [world.tenant.id, email],
  );
  expect(rows).toHaveLength(1);
  return rows[0];
};

describe('the rows of a file', () => {
  test('are added, or rejected with the reason', async () => {
    const file = [
      'Name;E-Mail;Job Title;Company;Shoe size',
      'Ada Lovelace;Ada@Example.com;Countess;Engines;38',
      ';;Clerk;;',
      '"Bob; the builder";not-an-address;;;',
      `${'x'.repeat(201)};;Clerk;;`,
      'Cleo;;;engines;',
      'Dan;dan@example.com;;;;too many',
    ].join('\r\n');
    expect(await importFile(world, `\uFEFF${file}`)).toMatchObject({
      status: 'done',
      columns: [
        { column: 'Name', field: 'name' },
        { column: 'E-Mail', field: 'email' },
        { column: 'Job Title', field: 'jobTitle' },
        { column: 'Company', field: 'company' },
        { column: 'Shoe size', field: null },
      ],
      ...{ rows: 6, done: 6, imported: 3, updated: 0, unchanged: 0, rejected: 3, incomplete: 1, companiesCreated: 1 },
      rejections: [
        { row: 3, field: 'name', message: 'is required for a new contact', kept: false },
        { row: 4, field: 'email', message: 'is not an e-mail address', kept: true },
        { row: 5, field: 'name', message: expect.stringContaining('200'), kept: false },
        { row: 7, field: 'row', message: 'has more cells than the header: is a comma not in quotes?', kept: false },
      ],
    });
    expect(await contact('ada@example.com')).toMatchObject({
      name: 'Ada Lovelace',
      job_title: 'Countess',
      company: 'Engines',
    });
    expect(await countContacts(world)).toEqual({ all: 3, addresses: 1 });
  });

  test('update the contact with their address, and keep its value where a cell is empty', async () => {
    await importFile(world, 'name,email,phone,title\nAda,ada@example.com,1,Countess\nBob,bob@example.com,2,Builder\n');
    const again = await importFile(world, 'email,phone,title\nada@example.com,3,\nbob@example.com,2,\n');
    expect(again).toMatchObject({ imported: 0, updated: 1, unchanged: 1, rejected: 0 });
    expect(await contact('ada@example.com')).toMatchObject({ name: 'Ada', phone: '3', job_title: 'Countess' });
  });

  test('append an event for each contact and company that they add or change, with the user who imports', async () => {
    const begun = await world.query('SELECT count(*)::int AS events FROM events WHERE tenant_id = $1', [
      world.tenant.id,
    ]);
    await importFile(world, 'name,email,company\nAda,ada@example.com,Engines\nBob,bob@example.com,Engines\n');
    await importFile(world, 'name,email,phone\nAda,ada@example.com,123\nBob,bob@example.com,\n');
    const events = await world.query(
      `SELECT e.stream, e.type, e.version, e.data, coalesce(c.name, co.name) AS name FROM events e
       LEFT JOIN contacts c ON c.tenant_id = e.tenant_id AND c.id = e.key
       LEFT JOIN companies co ON co.tenant_id = e.tenant_id AND co.id = e.key
       WHERE e.tenant_id = $1 ORDER BY e.position OFFSET $2`,
      [world.tenant.id, Number(begun[0]?.['events'])],
    );
    const event = (stream: string, type: string, name: string | null, version = 1, data: object = {}) => ({
      ...{ stream, type, version, data, name },
    });
    const imported = (added: number, updated: number) =>
      event('contacts', 'imported', null, 1, { imported: String(added), updated: String(updated) });
    expect(events).toEqual([
      ...[event('companies', 'created', 'Engines'), event('contacts', 'created', 'Ada')],
      ...[event('contacts', 'created', 'Bob'), imported(2, 0)],
      ...[event('contacts', 'updated', 'Ada', 2, { fields: ['phone'] }), imported(0, 1)],
    ]);
  });

  test('with the same address are one contact, with the values of the last row', async () => {
    const { imported, updated } = await importFile(world, 'name,email\nAda,ada@example.com\nAda L.,ADA@example.com\n');
    expect({ imported, updated }).toEqual({ imported: 1, updated: 1 });
    expect(await contact('ada@example.com')).toMatchObject({ name: 'Ada L.' });
  });

  test('with an address that two contacts share are rejected', async () => {
    for (const name of ['Ada', 'Eda']) {
      await ask(world, '/contacts', { method: 'POST', json: { name, email: 'both@example.com' } });
    }
    const { rejected, rejections } = await importFile(world, 'name,email\nOda,both@example.com\n');
    expect({ rejected, rejections }).toEqual({
      rejected: 1,
      rejections: [{ row: 2, field: 'email', message: 'belongs to several contacts', kept: false }],
    });
  });

  test('are imported without an unknown company if companies are not added', async () => {
    const { imported, rejected, companiesCreated, rejections } = await importFile(
      world,
      'name,company\nAda,Unheard of\n',
      '?createCompanies=false',
    );
    expect({ imported, rejected, companiesCreated }).toEqual({ imported: 1, rejected: 0, companiesCreated: 0 });
    expect(rejections).toEqual([{ row: 2, field: 'company', message: 'is not a known company', kept: true }]);
  });

  test('may have cells of many lines', async () => {
    const { rejected, rejections } = await importFile(world, `name\n"${'x\n'.repeat(100_000)}"\n`);
    expect({ rejected, field: rejections[0]?.field }).toEqual({ rejected: 1, field: 'name' });
  });
});

describe('a refused file', () => {
  test.each([
    ['empty', '', 400],
    ['Latin-1', Uint8Array.from(Buffer.from('name\nRené\n', 'latin1')), 400],
    ['too large', `name\n${'x'.repeat(5 * 1024 * 1024)}`, 413],
  ])('%s', async (_name, body, status) => {
    const response = await upload(world, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code: status === 400 ? 'CSV_UNREADABLE' : 'BODY_TOO_LARGE' });
  });

  test('JSON', async () => {
    const response = await ask(world, '/imports/contacts', { method: 'POST', json: { name: 'Ada' } });
    expect(response.status).toBe(415);
  });

  test('from a key without the right', async () => {
    const headers = { 'content-type': 'text/csv' };
    const init = { method: 'POST', headers, body: 'name\nAda' };
    expect((await ask(world, '/imports/contacts', { ...init, key: world.tenant.keys.readOnly })).status).toBe(403);
  });
});

describe('an import', () => {
  test('of another tenant is a 404', async () => {
    const id = await begin(world, 'name\nAda\n');
    const stranger = await createTenant(world.connectionString);
    expect((await ask(world, `/imports/${id}`, { key: stranger.keys.all })).status).toBe(404);
    await world.advance(5_000);
    expect(await countContacts(world, stranger.id)).toMatchObject({ all: 0 });
  });

  test('invalidates contacts and companies, and adds one activity to the feed', async () => {
    const { companyId } = await ask(world, '/companies', { method: 'POST', json: { name: 'Company 0' } })
      .then((response) => response.json())
      .then((company) => ({ companyId: (company as { id: string }).id }));
    await importFile(world, 'name,email\nAda,person0@example.com\n');
    const [row] = await world.query('SELECT id FROM contacts WHERE tenant_id = $1', [world.tenant.id]);
    const id = String(row?.['id']);
    const paths = [
      ...['/contacts', '/companies', '/dashboard/overview', '/dashboard/activity?limit=1', `/contacts/${id}`],
      ...[`/contacts/${id}/full`, `/companies/${companyId}/full`, `/contacts?companyId=${companyId}`],
    ];
    const read = (way: string) =>
      ask(world, way).then(async (answer) => [way, answer.headers.get('x-cache'), await answer.text()]);
    await Promise.all(paths.map(read));
    const before = await Promise.all(paths.map(read));
    expect(before.map(([path, cache]) => [path, cache])).toEqual(paths.map((path) => [path, 'HIT']));

    await importFile(world, fileOf(3));

    const after = await Promise.all(paths.map(read));
    expect(after.filter(([, , text], index) => text === before[index]?.[2])).toEqual([]);
    expect(after[3]?.[2]).toContain('"verb":"imported"');
  });

  test('of more rows than a slice takes several slices, and tells its progress and its end live', async () => {
    world.app.faults = { publish: ['down'] };
    const id = await begin(world, fileOf(1200));
    expect(await look(world, id)).toMatchObject({ status: 'queued', rows: 1200, done: 0 });
    const heard = await listen(world, `/imports/${id}`);
    await minutes(world, 5, id);
    const types = await heard();
    expect(types[0]).toBe('job.progress');
    expect(types.at(-1)).toBe('job.done');
    expect(await look(world, id)).toMatchObject({ status: 'done', done: 1200, imported: 1200, companiesCreated: 7 });
    expect(await world.read(id)).toMatchObject({ state: 'done', slice: 2, result: { imported: 1200, rejected: 0 } });
    expect(await countContacts(world)).toEqual({ all: 1200, addresses: 1200 });
    expect(await world.query('SELECT seq FROM import_chunks WHERE import_id = $1', [id])).toEqual([]);
  });
});

describe('a fault', () => {
  test.each(['finish', 'heartbeat'] as const)('that kills the process at %s imports no row twice', async (step) => {
    const { app } = world;
    // The contacts of the slice are committed, but the process dies before it can report that.
    app.faults = { [step]: ['die-before'] };
    const id = await begin(world, fileOf(1200));
    void world.advance(5_000);
    await app.died;
    world.replace();
    expect(await look(world, id)).toMatchObject({ status: 'running', done: 500, imported: 500 });
    await minutes(world, 10, id);
    expect(await look(world, id)).toMatchObject({ status: 'done', imported: 1200, updated: 0, unchanged: 0 });
    expect(await countContacts(world)).toEqual({ all: 1200, addresses: 1200 });
  });

  test('in the middle of a slice leaves no partial slice', async () => {
    await world.query(`CREATE FUNCTION refuse() RETURNS trigger AS
      $$ BEGIN IF NEW.name = 'Name700 Surname' THEN RAISE EXCEPTION 'refused'; END IF; RETURN NEW; END $$
      LANGUAGE plpgsql`);
    await world.query('CREATE TRIGGER refuse BEFORE INSERT ON contacts FOR EACH ROW EXECUTE FUNCTION refuse()');
    const id = await begin(world, fileOf(1200));
    await world.advance(5_000);
    expect(await look(world, id)).toMatchObject({ status: 'running', done: 500 });
    expect(await countContacts(world)).toMatchObject({ all: 500 });
    await world.query('DROP FUNCTION refuse CASCADE');
    await world.advance(60_000);
    expect(await look(world, id)).toMatchObject({ status: 'done', imported: 1200 });
    expect(await countContacts(world)).toEqual({ all: 1200, addresses: 1200 });
  });

  test('that lasts ends the import as failed, and its remaining chunks are deleted after a week', async () => {
    await world.query('ALTER TABLE contacts RENAME TO elsewhere');
    const id = await begin(world, fileOf(3));
    await world.advance(86_400_000);
    await world.query('ALTER TABLE elsewhere RENAME TO contacts');
    expect(await look(world, id)).toMatchObject({ status: 'failed', done: 0 });
    const waiting = () => world.query('SELECT seq FROM import_chunks WHERE import_id = $1', [id]);
    expect(await waiting()).toHaveLength(1);
    await world.advance(6 * 86_400_000);
    await world.tick(2);
    expect(await waiting()).toEqual([]);
  });
});
