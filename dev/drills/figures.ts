/**
 * The figures of the drills in docs/recovery.md: the time from break to the end of the mend, on embedded and on real
 * servers. `npm run drill -- --write` measures one of the two columns, and leaves the other as it is.
 */
import type { Report } from './drill.ts';
import { drills } from './index.ts';

const [BEGIN, END] = ['<!-- figures of drills -->\n', '<!-- end of figures -->\n'];
const HEAD = [
  '| Drill | Minutes of the drill | Work, embedded servers | Work, redis-server and PostgreSQL |',
  '|---|---|---|---|',
];
const NOT_MEASURED = '–';

/** The servers of a column. */
export type Servers = 'embedded' | 'real';

/** The measured figures of a drill as they are written: minutes, and seconds for each kind of servers. */
interface Figures {
  minutes: string;
  embedded: string;
  real: string;
}

/** Reads the figures of a document, by drill. */
export function figuresOf(document: string): Map<string, Figures> {
  const table = document.split(BEGIN)[1]?.split(END)[0] ?? '';
  const rows = [...table.matchAll(/^\| `([\w-]+)` \| (\S+) \| (\S+)(?: s)? \| (\S+)(?: s)? \|$/gm)];
  return new Map(
    rows.map(([, name = '', minutes = '', embedded = '', real = '']) => [name, { minutes, embedded, real }]),
  );
}

/** Returns the document with the figures of these reports in the column of their servers. */
export function withFigures(document: string, reports: readonly Report[], servers: Servers): string {
  const figures = figuresOf(document);
  for (const { name, rto } of reports) {
    const known = figures.get(name) ?? { minutes: '', embedded: NOT_MEASURED, real: NOT_MEASURED };
    const minutes = String(Math.round(rto.clockMs / 60_000));
    figures.set(name, { ...known, minutes, [servers]: (rto.wallMs / 1_000).toFixed(1) });
  }
  const seconds = (text = NOT_MEASURED) => (text === NOT_MEASURED ? text : `${text} s`);
  const rows = drills.map(({ name }) => {
    const { minutes = NOT_MEASURED, embedded, real } = figures.get(name) ?? {};
    return `| \`${name}\` | ${minutes} | ${seconds(embedded)} | ${seconds(real)} |`;
  });
  const [before = '', rest = ''] = document.split(BEGIN);
  return `${before}${BEGIN}${[...HEAD, ...rows].join('\n')}\n${END}${rest.split(END)[1] ?? ''}`;
}
