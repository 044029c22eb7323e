/**
 * `npm run drill -- <name>`: breaks a local cloud of its own, mends it, and compares every fact with what docs/recovery.md
 * promises. Without a name it runs all drills. `--list` lists them, `--write` writes their table and figures into
 * docs/recovery.md, and `--real-servers` starts a redis-server for each drill and makes a database of the drills' own on
 * the PostgreSQL of DATABASE_URL. `--json` prints one object in place of text.
 */
import { parseArgs } from 'node:util';
import '../build/jsx.ts';
import { messageOf } from '../cloud/errors.ts';
import type { Report } from '../drills/drill.ts';

// The app has pages in TSX, which Node can load only after the import of `jsx.ts`.
const { openDrillDatabase } = await import('../drills/database.ts');
const { drills } = await import('../drills/index.ts');
const { HEALTHY, runDrill } = await import('../drills/run.ts');
const { writeDocument } = await import('../drills/table.ts');

/** A call that no run can follow, as for the command line: exit code 2. */
class WrongCallError extends Error {
  readonly code = 'WRONG_CALL';
}

try {
  const { values, positionals } = readArguments();
  const unknown = positionals.filter((name) => !drills.some((drill) => drill.name === name));
  if (unknown.length > 0)
    throw new WrongCallError(`There is no drill ${unknown.join(', ')}: see npm run drill -- --list`);
  if (values.list) list(values.json);
  else await run(positionals, { isReal: values['real-servers'], writes: values.write, isJson: values.json });
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof WrongCallError ? 2 : 1;
}

function readArguments() {
  const no = { type: 'boolean', default: false } as const;
  const options = { list: no, write: no, 'real-servers': no, json: no } as const;
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new WrongCallError(messageOf(error));
  }
}

function list(isJson: boolean): void {
  const listed = drills.map(({ name, says }) => ({ name, says }));
  if (isJson) console.log(JSON.stringify({ drills: listed }));
  else for (const { name, says } of listed) console.log(`${name.padEnd(20)} ${says}`);
}

interface Wanted {
  isReal: boolean;
  writes: boolean;
  isJson: boolean;
}

async function run(names: readonly string[], { isReal, writes, isJson }: Wanted): Promise<void> {
  const server = isReal ? process.env['DATABASE_URL'] : undefined;
  if (isReal && !server) throw new Error('Set DATABASE_URL to a PostgreSQL server: the drills create a database there');
  const database = await openDrillDatabase(server);
  const reports: Report[] = [];
  try {
    for (const drill of drills.filter(({ name }) => names.length === 0 || names.includes(name))) {
      const report = await runDrill(drill, { database, realRedis: isReal });
      if (!isJson) print(report);
      if (report.differences.length > 0) process.exitCode = 1;
      reports.push(report);
    }
  } finally {
    await database.close();
  }
  if (isJson) console.log(JSON.stringify({ reports }));
  if (writes && process.exitCode === undefined) writeDocument(reports, isReal ? 'real' : 'embedded');
}

function print({ name, found, expected, differences, rto }: Report): void {
  console.log(`${name}: ${differences.length === 0 ? 'as promised' : 'NOT as promised'}`);
  for (const [fact, word] of Object.entries(found)) {
    const healthy: Readonly<Record<string, string>> = HEALTHY;
    if (differences.includes(fact)) console.log(`  ${fact}: ${word}, promised: ${expected[fact]}`);
    else if (word !== healthy[fact]) console.log(`  ${fact}: ${word}`);
  }
  const minutes = Math.round(rto.clockMs / 60_000);
  console.log(
    `  Mended after ${minutes} minutes on the clock of the drill, ${(rto.wallMs / 1000).toFixed(1)} s of work`,
  );
}
