/**
 * Formats the Markdown tables, one or more for each section, so narrow that readers need not scroll sideways. The
 * table of a section with few contestants has the contestants as columns. A section with many contestants has the
 * contestants as rows, and its measurements are spread over several tables.
 */
import type { Column, Row, Section } from '../bench.ts';

/** The longest line of a table, in characters. A longer heading is shown on several lines. */
const WIDTH = 112;
const MOST_COLUMNS = 3;
/** The text for an unsupported operation. */
const NOTHING = '–';

/** Formats the tables, with a heading for each section. */
export function formatTables(sections: readonly Section[], contestants: readonly Column[]): string {
  return sections
    .filter(({ rows }) => rows.length > 0)
    .map(({ title, rows, columns }) => [`### ${title}`, ...tablesOf(rows, columns ?? contestants)].join('\n\n'))
    .join('\n\n');
}

function tablesOf(rows: readonly Row[], contestants: readonly Column[]): string[] {
  const measured = contestants.filter(({ id }) => rows.some(({ cells }) => cells[id]));
  if (measured.length <= MOST_COLUMNS) {
    return [
      markdown(
        ['', ...measured.map(({ label }) => label)],
        rows.map((row) => [row.title, ...measured.map(({ id }) => textOf(row, id))]),
      ),
    ];
  }
  return inNarrowGroups(rows, measured).map((group) =>
    markdown(
      ['', ...group.map(({ title }) => title)],
      measured
        .filter(({ id }) => group.some(({ cells }) => cells[id]))
        .map(({ id, label }) => [label, ...group.map((row) => textOf(row, id))]),
    ),
  );
}

/** Groups consecutive rows, as many in each group as the width of a table allows. */
function inNarrowGroups(rows: readonly Row[], contestants: readonly Column[]): Row[][] {
  const groups: Row[][] = [];
  let left = 0;
  for (const row of rows) {
    const width = Math.max(row.title.length / 2, ...contestants.map(({ id }) => textOf(row, id).length)) + ' | '.length;
    const group = groups.at(-1);
    if (group && width <= left) {
      group.push(row);
      left -= width;
    } else {
      groups.push([row]);
      left = WIDTH - Math.max(...contestants.map(({ label }) => label.length)) - '|  |'.length - width;
    }
  }
  return groups;
}

function textOf(row: Row, contestant: string): string {
  return row.cells[contestant]?.text ?? NOTHING;
}

function markdown(head: readonly string[], body: readonly (readonly string[])[]): string {
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
