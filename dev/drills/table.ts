/** The table of the drills in docs/recovery.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Report } from './drill.ts';
import type { Fact } from './fact.ts';
import { facts } from './facts.ts';
import { type Servers, withFigures } from './figures.ts';
import { drills } from './index.ts';

const FILE = fileURLToPath(new URL('../../docs/recovery.md', import.meta.url));
const [BEGIN, END] = ['<!-- drills -->\n', '<!-- end of drills -->\n'];

/** Returns the table: each drill, what it does, and the facts that differ from a healthy day. */
export function drillTable(): string {
  const rows = drills.map(({ name, says, expected, during = {} }) => {
    const words = (of: Readonly<Record<string, string>>) =>
      Object.entries(of)
        .map(([fact, word]) => `${fact}: ${word}`)
        .join('; ');
    return `| \`${name}\` | ${says} | ${words(during) || '–'} | ${words(expected) || 'nothing'} |`;
  });
  const lines = ['| Drill | Break and mend | Meanwhile | Differs afterwards |', '|---|---|---|---|', ...rows];
  const words = (of: Readonly<Record<string, Fact>>) =>
    Object.entries(of)
      .map(([name, { healthy }]) => `*${name}* (${healthy})`)
      .join(', ');
  const more = drills.flatMap(({ name, facts: own }) => (own ? [`\`${name}\` alone: ${words(own)}`] : []));
  const all = [words(facts), ...more].join('; ');
  return `${lines.join('\n')}\n\nThe facts, with their words on a healthy day: ${all}.\n`;
}

/** Returns the document with the present table. */
export function withTable(document = readFileSync(FILE, 'utf8')): string {
  const [before = '', rest = ''] = document.split(BEGIN);
  return `${before}${BEGIN}${drillTable()}${END}${rest.split(END)[1] ?? ''}`;
}

/** Writes the present table and the figures of these reports into the document. */
export function writeDocument(reports: readonly Report[], servers: Servers): void {
  writeFileSync(FILE, withFigures(withTable(), reports, servers));
}
