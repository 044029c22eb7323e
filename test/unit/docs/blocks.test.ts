/** Blocks of commands in the documents: few are left out of the run, each with a reason. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPages } from '../../../dev/site/pages.ts';
import { blocksOf, strayFencesOf } from '../../support/doc-blocks.ts';

const MOST_NOT_RUN = 20;
const pages = readPages(join(import.meta.dirname, '../../..'));
const blocks = pages.flatMap(blocksOf);

test(`at most ${MOST_NOT_RUN} blocks are not run, and each gives a reason`, () => {
  const notRun = blocks.filter(({ norun }) => norun !== undefined);
  expect(blocks.length - notRun.length).toBeGreaterThan(20);
  expect(notRun.length).toBeLessThanOrEqual(MOST_NOT_RUN);
  expect(notRun.filter(({ norun = '' }) => norun.split(' ').length < 3).map(({ place }) => place)).toEqual([]);
});

test('each block has a command', () => {
  expect(blocks.filter(({ commands }) => commands.length === 0).map(({ place }) => place)).toEqual([]);
});

test('no fence names another shell, because its block would not be run', () => {
  expect(pages.flatMap(strayFencesOf)).toEqual([]);
});

describe('a block', () => {
  const read = (markdown: string) => blocksOf({ source: 'a.md', address: 'a.html', markdown });

  test('of sh has a command for each line, and one for lines that a backslash or a quote joins', () => {
    const [block] = read("Text\n\n```sh\nnpm run dev\n\ncurl x \\\n  -d '{\n}'\nls\n```\n");
    expect(block).toMatchObject({ place: 'a.md:3', language: 'sh', norun: undefined });
    expect(block?.commands.map(({ command }) => command)).toEqual(['npm run dev', "curl x \\\n  -d '{\n}'", 'ls']);
  });

  test('of console has the output of each command; one in a list is found; norun has its reason', () => {
    const [block] = read(
      '1. Step\n\n   ```console norun needs an account\n   $ a \\\n     b\n   out\n   $ c\n   ```\n',
    );
    expect(block).toMatchObject({
      place: 'a.md:3',
      norun: 'needs an account',
      commands: [
        { command: 'a \\\n  b', output: ['out'] },
        { command: 'c', output: [] },
      ],
    });
  });

  test('of another shell is found', () => {
    expect(strayFencesOf({ source: 'a.md', address: 'a.html', markdown: '```bash\nls\n```' })).toEqual([
      'a.md: ```bash',
    ]);
  });
});
