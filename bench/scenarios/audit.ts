/**
 * Measures writes with an entry in the audit trail beside the same writes with a plain row, without an entry, and with a
 * hash chain, at 16 callers of one tenant. The ways take turns.
 */
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { applyMigrations } from '../../prisma/apply.ts';
import { WAYS, type Way, writerOf } from '../audit/writes.ts';
import type { Bench, Row } from '../bench.ts';
import { demandServer, withDatabases } from '../growth/databases.ts';
import { median } from '../measure/summary.ts';

const ROUNDS = 10;
const TURN_MS = 2_000;
const TITLES: { [Each in Way]: string } = {
  none: 'without an entry',
  plain: 'with a plain row',
  holdfast: 'with an entry of the audit trail, sealed each second',
  chain: 'with an entry of a hash chain',
};

/** Measures the four ways to record a write. A quick run has two short rounds. */
export async function audit(bench: Bench): Promise<Row[]> {
  const { cloud, database } = await bench.house();
  demandServer(database);
  return withDatabases(cloud.postgres.url, ['audit'], async ({ audit: url }) => {
    await applyMigrations(url);
    const pool = new pg.Pool({ connectionString: url, max: 20 });
    // At the end the database is dropped although some connections are still open, and they then report errors.
    pool.on('error', () => {});
    try {
      await pool.query("INSERT INTO tenants SELECT id, id, 'EUR', now(), now() FROM unnest($1::text[]) id", [WAYS]);
      await pool.query(readFileSync(new URL('../audit/chain.sql', import.meta.url), 'utf8'));
      const write = writerOf(pool);
      const [rounds, ms] = bench.quick ? [2, 200] : [ROUNDS, TURN_MS];
      const rates = await inTurns(rounds, (way) => {
        bench.progress(`writes ${TITLES[way]}`);
        return write(way, ms);
      });
      return WAYS.map((way) => rowOf(way, rates));
    } finally {
      await pool.end();
    }
  });
}

type Rates = { [Each in Way]: number };

/**
 * Returns the writes per second of each round. Each round begins with another way, and the first round only warms up.
 */
async function inTurns(rounds: number, turn: (way: Way) => Promise<number>): Promise<Rates[]> {
  const all: Rates[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const rates: Rates = { none: 0, plain: 0, holdfast: 0, chain: 0 };
    for (const [place] of WAYS.entries()) {
      const way = WAYS[(round + place) % WAYS.length] ?? 'none';
      rates[way] = await turn(way);
    }
    if (round > 0) all.push(rates);
  }
  return all;
}

/** Returns the line of a way: its median rate, and the median and the range of its ratio to plain rows. */
function rowOf(way: Way, rounds: readonly Rates[]): Row {
  const ratios = rounds.map((rates) => rates[way] / rates.plain).sort((one, other) => one - other);
  const [least = 0, most = 0] = [ratios[0], ratios.at(-1)];
  const rate = Math.round(median(rounds.map((rates) => rates[way])));
  const range = `${least.toFixed(2)} to ${most.toFixed(2)}`;
  const text = way === 'plain' ? `${rate}` : `${rate} (× ${median(ratios).toFixed(2)}; ${range})`;
  return { id: `audit-${way}`, title: `writes/s ${TITLES[way]}`, cells: { holdfast: { text } } };
}
