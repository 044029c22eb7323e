/** `npm run qstash` as a program sees it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client } from '@upstash/qstash';
import { afterEach, expect, test } from 'vitest';
import { MINUTE, useQstash } from '../../../support/qstash.ts';

const COMMAND = fileURLToPath(new URL('../../../../dev/commands/qstash.ts', import.meta.url));
const bench = useQstash();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: { ...process.env, ...env }, stdio: 'pipe' });
  children.push(child);
  const output = { text: '' };
  const ready = new Promise<Record<string, string>>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output.text += chunk;
        const line = output.text.trimEnd().split('\n').at(-1) ?? '';
        if (line.startsWith('{') && output.text.endsWith('\n')) resolve(JSON.parse(line));
      });
    }
  });
  return { child, output, ready };
}

test('it prints its address, stops its clock with --still, and ends with 0 at SIGTERM', async () => {
  const { child, ready } = run(['--port', '0', '--still'], { QSTASH_TOKEN: 'my-token' });
  const { url = '', token = '', ...others } = await ready;
  expect(token).toBe('my-token');
  expect(others).toEqual({
    ready: true,
    currentSigningKey: expect.stringMatching(/^sig_/),
    nextSigningKey: expect.stringMatching(/^sig_/),
  });
  const client = new Client({ baseUrl: url, token, retry: false });
  await client.publish({ url: `${bench.url}/hook`, delay: 60 });
  const headers = { authorization: `Bearer ${token}` };
  await fetch(`${url}/_emulator/clock/advance`, { method: 'POST', headers, body: JSON.stringify({ ms: MINUTE }) });
  expect(bench.paths()).toEqual(['/hook']);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a wrong option is named, and the exit code is not 0', async () => {
  const { child, output } = run(['--sped']);
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(output.text).toContain('--sped');
});
