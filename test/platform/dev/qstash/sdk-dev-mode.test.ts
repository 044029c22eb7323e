/** The SDK's development mode finds the local cloud and downloads no emulator. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Client } from '@upstash/qstash';
import { afterEach, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { startLocalCloud } from '../../../../dev/cloud/local-cloud.ts';
import { DEFAULT_PORTS } from '../../../../dev/cloud/ports.ts';
import { SDK_DEV, sdkDevPort } from '../../../../dev/qstash/sdk-dev-mode.ts';
import { startQstash } from '../../../../dev/qstash/server.ts';
import { KEYS, useQstash } from '../../../support/qstash.ts';

const APP = fileURLToPath(new URL('sdk-dev-mode-app.ts', import.meta.url));

/** Runs the app with a home directory of its own; returns its output and the files in that directory. */
async function runApp(url: string) {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-home-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const { QSTASH_TOKEN: _token, QSTASH_URL: _url, ...env } = process.env;
  const child = spawn(process.execPath, [APP], {
    env: { ...env, HOME: home, LOCALAPPDATA: home, QSTASH_DEV: 'true', QSTASH_DEV_PORT: new URL(url).port },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = await text(child.stdout);
  return { said: JSON.parse(output.trimEnd().split('\n').at(-1) ?? ''), left: readdirSync(home) };
}

test('an app with QSTASH_DEV=true publishes to the local cloud and verifies its delivery, without names', {
  timeout: 60_000,
}, async () => {
  const { said, left } = await runApp(inject('cloud').qstash.url);
  expect(said).toEqual({ body: '{"hello":"world"}', isVerified: true, lookups: [] });
  expect(left).toEqual([]);
});

test('an emulator with keys of its own is not accepted: the SDK looks for a download', {
  timeout: 60_000,
}, async () => {
  const qstash = await startQstash({ token: SDK_DEV.token, keys: KEYS });
  onTestFinished(() => qstash.close());
  const { said } = await runApp(qstash.url);
  expect(said.error).toMatch(/ENOTFOUND/);
  expect(said.lookups).toContainEqual(expect.stringMatching(/amazonaws\.com$/));
});

describe('token and address', () => {
  const bench = useQstash();
  afterEach(() => vi.unstubAllEnvs());

  test('are those of the SDK', () => {
    vi.stubEnv('QSTASH_DEV_PORT', undefined);
    // In production the SDK starts no server, but still names the server that it would look for.
    vi.stubEnv('NODE_ENV', 'production');
    const client = new Client({ devMode: true });
    expect(Reflect.get(client, 'token')).toBe(SDK_DEV.token);
    expect(Reflect.get(client, 'http')).toMatchObject({ baseUrl: `http://127.0.0.1:${DEFAULT_PORTS.qstash}` });
  });

  test('an emulator with other keys refuses the public token', async () => {
    for (const headers of [{ authorization: `Bearer ${SDK_DEV.token}` }, { authorization: '' }]) {
      const query = `?qstash_token=${encodeURIComponent(SDK_DEV.token)}`;
      const response = await fetch(`${bench.qstash.url}/v2/keys${query}`, { headers });
      expect(response.status).toBe(401);
    }
  });

  test.each([
    [undefined, 8080],
    ['', 8080],
    ['9000', 9000],
    ['none', 8080],
    ['0', 8080],
  ])('QSTASH_DEV_PORT %s is port %i', (value, port) => expect(sdkDevPort(value)).toBe(port));
});

describe('a port that is taken', () => {
  /** A cloud with databases elsewhere, so that it starts immediately. */
  async function startCloud(port: number) {
    const { redis, postgres } = inject('cloud');
    const lines: string[] = [];
    const cloud = await startLocalCloud({
      redisUrl: redis.url,
      databaseUrl: postgres.url,
      ports: { qstash: port },
      log: (line) => lines.push(line),
    });
    onTestFinished(() => cloud.close());
    const moved = lines.filter((line) => line.includes('is taken'));
    return { qstash: cloud.qstash, port: Number(new URL(cloud.qstash.url).port), moved };
  }
  const bench = useQstash();

  test('by another local cloud: the second reports that in one line, and both deliver', async () => {
    const first = await startCloud(0);
    const second = await startCloud(first.port);
    expect(first.moved).toEqual([]);
    const hint = `an app with QSTASH_DEV=true finds it with QSTASH_DEV_PORT=${second.port}`;
    const line = `qstash: port ${first.port} is taken, using ${second.port} instead; ${hint}`;
    expect(second.moved).toEqual([line]);
    for (const [path, { qstash }] of Object.entries({ '/first': first, '/second': second })) {
      const before = bench.delivered.length;
      const client = new Client({ baseUrl: qstash.url, token: qstash.token, devMode: false, enableTelemetry: false });
      await client.publish({ url: `${bench.url}${path}` });
      await bench.arrived(before + 1);
    }
    expect(bench.paths()).toEqual(['/first', '/second']);
  });

  test('by another program', async () => {
    const other = createServer();
    onTestFinished(() => void other.close());
    const taken = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    const { moved, qstash, port } = await startCloud(taken);
    expect(moved).toEqual([expect.stringContaining(`port ${taken} is taken, using ${port} instead`)]);
    const headers = { authorization: `Bearer ${SDK_DEV.token}` };
    expect(await (await fetch(`${qstash.url}/v2/keys`, { headers })).json()).toEqual(SDK_DEV.keys);
  });
});
