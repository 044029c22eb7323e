/** The table of commands: every example is a call that the parser accepts, and completions know every command. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../../cli/commands.ts';
import { distanceOf, nearest } from '../../../cli/nearest.ts';
import { parseCall } from '../../../cli/parse.ts';
import { run } from '../../../cli/run.ts';
import { runProgram } from '../../support/npm-run.ts';

/** Splits a line as a shell does, for words in single and double quotes. */
const wordsOf = (line: string) =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain ?? '');

describe.each(commands.map((command) => [command.name, command] as const))('%s', (name, command) => {
  test('has an example that calls it, and a summary without a full stop', () => {
    const [call = ''] = command.example.split(' > ');
    expect(parseCall(wordsOf(call), commands).command).toBe(command);
    expect(command.summary).toMatch(/^[A-Z].*[^.]$/);
  });

  test('has help with its example and every option', async () => {
    const { exitCode, out } = await run([...name.split(' '), '--help'], {});
    expect(exitCode).toBe(0);
    for (const part of [command.example, ...Object.keys(command.options).map((option) => `--${option}`)]) {
      expect(out).toContain(part);
    }
  });
});

test('the help of a group lists its commands alone', async () => {
  const { exitCode, out } = await run(['key', '--help'], {});
  expect(exitCode).toBe(0);
  expect(out).toContain('key rotate <id>');
  expect(out).not.toContain('tenant create');
});

test('an error of a call with --json is JSON with a code', async () => {
  const { exitCode, error } = await run(['nothing', '--json'], {});
  expect([exitCode, JSON.parse(error)]).toEqual([
    2,
    { error: { code: 'CLI_USAGE', message: expect.stringContaining('There is no command nothing') } },
  ]);
});

test('an option without text is missing', async () => {
  const ending = await run(['audit', 'verify', '--tenant', ''], {});
  expect(ending).toEqual({ exitCode: 2, out: '', error: '--tenant is missing' });
});

describe('--env-file', () => {
  test('adds variables, and those that are set take precedence', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-variables-'));
    writeFileSync(join(folder, 'one'), 'APP_URL=not a URL\nMAIL_TOKEN=a-token\n');
    const set = { APP_URL: 'https://api.example.com' };
    const { exitCode, error } = await run(['jobs', 'list', '--tenant', 'a', '--env-file', join(folder, 'one')], set);
    rmSync(folder, { recursive: true });
    expect([exitCode, error]).toEqual([2, expect.stringContaining('AUTH_KEYS: is missing')]);
    expect(error).not.toMatch(/APP_URL|MAIL_TOKEN/);
  });

  // Node itself reads an option of this name, unless `--` is before the program.
  test('that cannot be read is a wrong call of the command, and not of Node', async () => {
    const args = ['key', 'list', '--tenant', 'a', '--env-file', '/none', '--json'];
    const { status, stderr } = await runProgram('holdfast', { args });
    expect([status, JSON.parse(stderr)]).toEqual([
      2,
      { error: { code: 'CLI_USAGE', message: '--env-file /none cannot be read' } },
    ]);
  });
});

describe('a suggestion', () => {
  test.each([
    ['', '', 0],
    ['key', '', 3],
    ['kitten', 'sitting', 3],
    ['tenant', 'tennant', 1],
  ])('%j and %j differ by %i', (one, other, distance) => {
    expect([distanceOf(one, other), distanceOf(other, one)]).toEqual([distance, distance]);
  });

  test('is the nearest name, and none if all names are far away', () => {
    expect(nearest('jobs lst', ['jobs list', 'jobs retry', 'key list'])).toBe('jobs list');
    expect(nearest('destroy everything', ['jobs list', 'key list'])).toBeUndefined();
  });
});

describe('completion', () => {
  const bash = (() => {
    try {
      execFileSync('bash', ['-c', 'exit 0']);
      return true;
    } catch {
      return false;
    }
  })();

  async function completed(...words: string[]): Promise<string[]> {
    const { out } = await run(['completion', 'bash'], {});
    const call = `COMP_WORDS=(holdfast ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _holdfast`;
    const script = `${out}\n${call}; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
  }

  test.runIf(bash).each([
    [['te'], ['tenant']],
    [
      ['key', 'r'],
      ['rotate', 'revoke'],
    ],
    [['key', 'create', '--r'], ['--rights']],
    [
      ['key', 'create', '--tenant', 'acme', '--e'],
      ['--expires', '--env-file'],
    ],
    [['doctor', '--b'], ['--before-deployment']],
  ])('of %j in bash is %j', async (words, expected) => {
    expect((await completed(...words)).sort()).toEqual(expected.toSorted());
  });

  test.each(['tcsh', 'constructor', '__proto__'])('of %s is refused', async (shell) => {
    expect(await run(['completion', shell], {})).toMatchObject({ exitCode: 2, error: expect.stringContaining(shell) });
  });

  test.each(['zsh', 'fish'])('of %s has every command and option', async (shell) => {
    const { out } = await run(['completion', shell], {});
    for (const { name, options } of commands) {
      for (const word of name.split(' ')) expect(out).toContain(word);
      for (const option of Object.keys(options)) expect(out).toContain(`--${option}`);
    }
  });
});
