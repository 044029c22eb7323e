/** The one Markdown table: a column per contestant, sections as rows in bold. */
import type { Section } from '../bench.ts';
import type { Contestant } from '../contestant.ts';

/** What stands where somebody cannot do something. */
const NOTHING = '–';

/** Writes the table. */
export function formatTable(sections: readonly Section[], contestants: readonly Contestant[]): string {
  const lines = [
    line(['', ...contestants.map(({ label }) => label)]),
    line(['---', ...contestants.map(() => '---')]),
    ...sections.flatMap(({ title, rows }) => [
      line([`**${title}**`, ...contestants.map(() => '')]),
      ...rows.map((row) => line([row.title, ...contestants.map(({ id }) => row.cells[id]?.text ?? NOTHING)])),
    ]),
  ];
  return lines.join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
