/** Each block of commands in the documents is run, in the order of its file, and answers as the document shows. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPages } from '../../../dev/site/pages.ts';
import { blocksOf, type Shown } from '../../support/doc-blocks.ts';
import { createDocsWorld, type DocsWorld } from './world.ts';

const pages = readPages(join(import.meta.dirname, '../../..'));
const blocks = pages.flatMap(blocksOf).filter(({ norun }) => norun === undefined);
// The README is the first page of a reader, and its blocks use the demo data as they find it.
const files = [...new Set(['README.md', ...blocks.map(({ source }) => source)])];

let world: DocsWorld;
beforeAll(async () => {
  world = await createDocsWorld();
});
afterAll(() => world?.close());

/**
 * The parts of an answer that are equal in each run: statuses, how the cache answered, what the answer cost, codes of
 * problems, and whether Redis evicts.
 */
const SAME =
  /^HTTP\/1\.1 \d+|^x-cache: \w+|"\d+ requests?, \d+ commands?"|"\d+ quer(?:y|ies)"|"(?:code|eviction)":"\w+"/gm;
const sameIn = (text: string) => [...text.matchAll(SAME)].map(([line]) => line.trim());

/** Whether the document shows that the command is refused. */
const showsRefusal = ({ output }: Shown) => output.some((line) => /^HTTP\/1\.1 [45]|"status":[45]\d\d/.test(line));

/** The command with the addresses of this run. Several files create the company kelp, so each has one of its own. */
function asHere(command: string, file: string, known: ReadonlyMap<string, string>): string {
  const own = `kelp-${files.indexOf(file)}`;
  return [...known].reduce((text, [written, real]) => text.replaceAll(written, real), command.replaceAll('kelp', own));
}

/** The addresses that the document shows, and those of this run, for the commands that follow. */
function learn(shown: string, got: string, known: Map<string, string>): void {
  const locationIn = (text: string) => /^location: (\S+)/im.exec(text)?.[1];
  const [written, real] = [locationIn(shown), locationIn(got)];
  if (written !== undefined && real !== undefined) known.set(written, real);
}

test.skipIf(process.platform === 'win32')('every block of commands runs, and answers as it is shown', async () => {
  const wrong: string[] = [];
  for (const file of files) {
    await world.newAddress();
    const known = new Map<string, string>();
    for (const { place, commands } of blocks.filter(({ source }) => source === file)) {
      for (const shown of commands) {
        const command = asHere(shown.command, file, known);
        const { status, output, statuses } = await world.run(command);
        const refused = statuses.some((each) => each >= 400);
        const expected = sameIn(shown.output.join('\n'));
        const got = sameIn(output);
        const differs = expected.some((line) => !got.includes(line));
        if (status !== 0 || differs || refused !== showsRefusal(shown)) {
          wrong.push(`${place}: ${command}\n→ ${status} ${statuses}\n${output.slice(0, 600)}`);
        }
        learn(shown.output.join('\n'), output, known);
      }
    }
  }
  expect(wrong.join('\n\n')).toBe('');
});
