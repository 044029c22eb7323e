/** The scripts of package.json run in each shell: that of Windows, too, which is cmd. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PACKAGES = [
  'package.json',
  'bench/package.json',
  'clients/typescript/package.json',
  'dev/site/reference/package.json',
];

/** Programs that cmd lacks. */
const OF_UNIX = new Set(
  'cat chmod cp curl cut env export find grep head kill ln ls mkdir mv rm rmdir sed sh bash sleep source tail test touch true which xargs'.split(
    ' ',
  ),
);
/** cmd knows `&&`, and double quotes; all else of a shell's syntax is different or missing there. */
const SYNTAX = /[;|<>`'$*?~(){}\\]|(?<!&)&(?!&)/;

/** Returns the faults of a script on Windows. */
function faultsOf(script: string): string[] {
  return script.split('&&').flatMap((part) => {
    const [program = ''] = part.trim().split(/\s+/);
    return [
      ...(SYNTAX.test(part) ? [`syntax of a shell in: ${part.trim()}`] : []),
      ...(program.includes('=') ? [`a variable before a program in: ${part.trim()}`] : []),
      ...(OF_UNIX.has(program) || program.startsWith('.') ? [`${program} is no program of Windows`] : []),
    ];
  });
}

test('no script needs a shell other than cmd', () => {
  const scripts = PACKAGES.flatMap((path) => {
    const { scripts: own = {} } = JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as {
      scripts?: Record<string, string>;
    };
    return Object.entries(own).map(([name, script]) => ({ name: `${path} ${name}`, faults: faultsOf(script) }));
  });
  expect(scripts.length).toBeGreaterThan(30);
  expect(scripts.filter(({ faults }) => faults.length > 0)).toEqual([]);
});

describe('a script', () => {
  test.each([
    ['a; b'],
    ['a | b'],
    ['echo $HOME'],
    ['X=1 node a.ts'],
    ['rm -rf dist'],
    ['node a.ts && cp a b'],
    ['a & b'],
    ["node -e 'x'"],
    ['biome check src/*.ts'],
    ['node a > b'],
    ['./run.sh'],
  ])('%j is found', (script) => expect(faultsOf(script)).not.toEqual([]));
  test.each([['node a.ts && tsc --noEmit'], ['npm run -s node && node --import ./a.ts b.ts'], ['node a.ts "b c"']])(
    '%j is allowed',
    (script) => expect(faultsOf(script)).toEqual([]),
  );
});
