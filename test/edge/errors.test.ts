/**
 * Unexpected errors, reported alike on every platform: the answer has no message, the log line and the job record have
 * no values, and stack frames lead to the source. PostgreSQL refuses the writes of this suite with a message that
 * contains values.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unstable_readConfig } from 'wrangler';
import type { LoggedError } from '../../dev/log/line.ts';
import { type HostName, hostNames } from '../support/hosts.ts';
import { type JobHosts, openJobHosts } from '../support/job-hosts.ts';

const ROOT = join(import.meta.dirname, '../..');
const VALUE = 'Ada Lovelace';

interface Line {
  event: string;
  build?: string;
  error: LoggedError;
}

let world: JobHosts;
let temporary: string;
beforeAll(async () => {
  temporary = mkdtempSync(join(tmpdir(), 'holdfast-trace-'));
  world = await openJobHosts();
  await world.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'refused for %', '${VALUE}'; END $$`);
  for (const table of ['companies', 'notifications']) {
    await world.query(`CREATE TRIGGER refuse BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse()`);
  }
  // So that every log has both errors.
  for (const host of hostNames) {
    await failingRequest(host);
    await failingJob(host);
  }
});
afterAll(async () => {
  await world?.close();
  rmSync(temporary, { recursive: true, force: true });
});

/** Waits for the log line of an event and returns it unchanged. */
async function lineOf(host: HostName, event: string): Promise<string> {
  const find = () => world.hosts[host].lines.find((line) => line.includes(`"event":"${event}"`));
  await expect.poll(find, { timeout: 30_000 }).toBeDefined();
  return find() ?? '';
}

/** Sends a request that fails and returns its answer. */
async function failingRequest(host: HostName) {
  const request = { path: '/companies', method: 'POST', json: { name: VALUE }, key: world.tenant.keys.all };
  const { status, body } = await world.hosts[host].send(request);
  const { requestId: _, ...rest } = body as { requestId: string };
  return { status, body: rest };
}

/** Lets a host run a job that fails; returns the job's id and the answer to the delivery. */
async function failingJob(host: HostName) {
  const json = { title: 'Kelp', assigneeId: world.tenant.userId };
  await world.hosts[host].send({ path: '/tasks', method: 'POST', json, key: world.tenant.keys.all });
  const delivery = await world.delivery({ name: 'crm.notify' });
  const { body } = await delivery.to(host);
  return { id: delivery.id, body };
}

/** The source files in the frames, each once, with its line. */
function placesIn(text: string): string[] {
  return [...new Set([...text.matchAll(/(src\/[\w/-]+\.ts:\d+):\d+/g)].map(([, place = '']) => place))].filter(
    (place) => !text.includes(`node_modules/@prisma/client/${place}`),
  );
}

function trace(input: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dev/commands/trace.ts', ...args], {
    cwd: ROOT,
    input,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe.each(hostNames)('%s', (host) => {
  test('4/B1 a request that fails: the answer has no message, the line of the log has one without values', async () => {
    expect(await failingRequest(host)).toEqual({
      status: 500,
      body: {
        type: 'about:blank',
        title: 'Internal error',
        status: 500,
        code: 'INTERNAL',
        detail: 'Something went wrong on our side',
        instance: '/companies',
      },
    });
    const text = await lineOf(host, 'request.failed');
    const { error, build } = JSON.parse(text) as Line;
    expect(error).toMatchObject({ code: 'DB_QUERY', message: 'PostgreSQL (P0001) refused the statement.' });
    expect(text).not.toContain('Lovelace');
    expect(build).toEqual(host === 'node' ? undefined : expect.stringMatching(/^build-[0-9a-f]{12}$/));
  });

  test('4/B1 a job that fails: its record shows the error without values, and QStash gets even less', async () => {
    const { id, body: answer } = await failingJob(host);
    const reason = 'PrismaClientKnownRequestError P2039';
    expect(answer).toEqual({ state: 'failed', reason });
    const { body } = await world.hosts[host].send({ path: `/jobs/${id}`, key: world.tenant.keys.all });
    expect(body).toMatchObject({
      state: 'failed',
      reason,
      errorMessage: 'PostgreSQL (P0001) refused the statement.',
      pastAttempts: [{ outcome: 'failed', reason }],
    });
    expect(JSON.stringify(body)).not.toContain('Lovelace');
    expect(await lineOf(host, 'jobs.failed')).not.toContain('Lovelace');
  });
});

test('4/B1 frames lead to the same places of the source: in the log of Node and of a Lambda, traced from a Worker’s', async () => {
  for (const event of ['request.failed', 'jobs.failed']) {
    const [worker, lambda, node] = [
      trace(await lineOf('worker', event)).stdout,
      await lineOf('lambda', event),
      await lineOf('node', event),
    ].map(placesIn);
    expect(node?.length).toBeGreaterThan(0);
    expect(lambda?.slice(0, node?.length)).toEqual(node?.slice(0, lambda?.length));
    // The Worker has no frame of Node itself, so the cut leaves one more frame of our source.
    expect(worker?.slice(0, node?.length)).toEqual(node?.slice(0, worker?.length));
  }
});

test('4/B1 the Worker is deployed with its source map', () => {
  expect(unstable_readConfig({ config: join(ROOT, 'wrangler.toml') }).upload_source_maps).toBe(true);
});

describe('npm run trace', () => {
  test('4/B1 prints the error and the lines of the source, from a file as from the standard input', async () => {
    const line = await lineOf('worker', 'request.failed');
    const { status, stdout, stderr } = trace(line);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('DatabaseError [DB_QUERY]: PostgreSQL (P0001) refused the statement.');
    const [place = '', text = ''] = /src\/crm\/companies\/writes\.ts:\d+:\d+\)? +(.+)/.exec(stdout) ?? [];
    const at = Number(/:(\d+):/.exec(place)?.[1]);
    const source = readFileSync(join(ROOT, 'src/crm/companies/writes.ts'), 'utf8').split('\n');
    expect(source[at - 1]?.trim().slice(0, 100)).toBe(text);
    const file = join(temporary, 'tail.json');
    // As `wrangler tail --format json` writes it.
    writeFileSync(file, JSON.stringify({ outcome: 'ok', logs: [{ level: 'log', message: [line] }] }, null, 2));
    expect(trace('', file)).toEqual({ status: 0, stdout, stderr: '' });
  });

  test('4/B1 says so when the map is missing, is of another build, or there is no error', async () => {
    const line = await lineOf('worker', 'request.failed');
    const { build = '' } = JSON.parse(line) as Line;
    expect(trace(line.replace(build, 'build-0123456789ab'))).toEqual({
      status: 1,
      stdout: '',
      stderr: `The line is of build-0123456789ab, and dist/worker has ${build}. Check out what was deployed and run npm run build\n`,
    });
    const dist = join(temporary, 'dist');
    for (const bundle of ['cloudflare.js', 'database.mjs']) {
      cpSync(join(ROOT, 'dist/worker', bundle), join(dist, 'worker', bundle));
    }
    expect(trace(line, '--dist', dist)).toMatchObject({
      status: 1,
      stderr: `There is no source map ${dist}/worker/database.mjs.map. Make it with the code that was deployed: npm run build\n`,
    });
    expect(trace(line, '--dist', join(temporary, 'none'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('has no bundle database.mjs. Make it with the code that was deployed'),
    });
    expect(trace('{"event":"request"}\nno line')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('The input has no line of the log with an error'),
    });
  });
});
