/**
 * `npm run drill -- <name>`: breaks a local cloud of its own, mends it, and compares every fact with what docs/recovery.md
 * promises. Without a name it runs all drills; `--list` lists them, and `--write` writes their table into
 * docs/recovery.md.
 */
import { parseArgs } from 'node:util';
import '../build/jsx.ts';
import { messageOf } from '../cloud/errors.ts';
import type { Report } from '../drills/drill.ts';

// The app has pages in TSX, which Node can load only after the import of `jsx.ts`.
const { openDrillDatabase } = await import('../drills/database.ts');
const { drills } = await import('../drills/index.ts');
const { HEALTHY, runDrill } = await import('../drills/run.ts');
const { writeTable } = await import('../drills/table.ts');

try {
  const options = { list: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const unknown = positionals.filter((name) => !drills.some((drill) => drill.name === name));
  if (unknown.length > 0) throw new Error(`There is no drill ${unknown.join(', ')}: see npm run drill -- --list`);
  if (values.list) for (const { name, says } of drills) console.log(`${name.padEnd(20)} ${says}`);
  else if (values.write) writeTable();
  else await run(positionals);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

async function run(names: readonly string[]): Promise<void> {
  const database = await openDrillDatabase();
  try {
    for (const drill of drills.filter(({ name }) => names.length === 0 || names.includes(name))) {
      print(await runDrill(drill, database));
    }
  } finally {
    await database.close();
  }
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
  if (differences.length > 0) process.exitCode = 1;
}
