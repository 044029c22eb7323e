/** The commands that start the programs of this checkout: their words, their output and their exit codes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { readPort } from '../../../dev/cloud/ports.ts';
import { drills } from '../../../dev/drills/index.ts';
import { runProgram } from '../../support/npm-run.ts';

const ROOT = join(import.meta.dirname, '../../..');
const holdfast = (...args: string[]) => runProgram('holdfast', { args });

describe('drill', () => {
  test('lists the drills as one JSON object with --json, and else as text', async () => {
    const [json, text] = await Promise.all([holdfast('drill', '--list', '--json'), holdfast('drill', '--list')]);
    expect(json).toMatchObject({ status: 0, stderr: '' });
    const listed = drills.map(({ name, says }) => ({ name, says }));
    expect(JSON.parse(json.stdout)).toEqual({ drills: listed });
    expect(text.stdout.trimEnd().split('\n')).toHaveLength(listed.length);
  });

  test.each([['redis-found'], ['--', '--write'], ['redis-lost', 'redis-found']])(
    'refuses %j as a wrong call, before any drill runs',
    async (...words) => {
      const { status, stdout, stderr } = await holdfast('drill', ...words);
      expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(/^There is no drill /)]);
    },
  );
});

test('qstash starts the emulator, says its address as JSON, and ends with the command', async () => {
  const words = ['--', 'cli/holdfast.ts', 'qstash', '--still', '--port', '0', '--json'];
  const child = spawn(process.execPath, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { url, ready } = JSON.parse((await lines.next()).value ?? '') as { url: string; ready: boolean };
  expect([ready, (await fetch(`${url}/_emulator`)).status]).toEqual([true, 200]);
  child.kill('SIGTERM');
  expect(JSON.parse((await lines.next()).value ?? '')).toEqual({ exitCode: 0 });
  expect((await once(child, 'exit'))[0]).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
});

test.each(['abc', '-1', '65536', '1e3', ''])('%j is not a port', (text) => {
  expect(() => readPort(text)).toThrow(`--port ${text} is not a port`);
});
