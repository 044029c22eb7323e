/**
 * The Markdown table: a column per contestant, sections as rows in bold. Sections with columns of their own follow, those
 * with the same columns in one table.
 */
import type { Column, Section } from '../bench.ts';

/** The text for an unsupported operation. */
const NOTHING = '–';

/** Writes the tables. */
export function formatTable(sections: readonly Section[], contestants: readonly Column[]): string {
  const compared = sections.filter(({ columns }) => columns === undefined);
  const own = [...Map.groupBy(sections, ({ columns }) => columns)].flatMap(([columns, together]) =>
    columns ? [formatOne(together, columns)] : [],
  );
  return [...(compared.length > 0 ? [formatOne(compared, contestants)] : []), ...own].join('\n\n');
}

function formatOne(sections: readonly Section[], contestants: readonly Column[]): string {
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
