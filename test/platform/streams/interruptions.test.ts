/**
 * Faults at each step of a run: each request to Redis is refused, or its answer is lost, and the database ends the
 * connection before each statement. Afterwards no event is missing, each is applied once, and none is put aside.
 */
import { expect, test } from 'vitest';
import { consumer, projection } from '../../../src/platform/streams/index.ts';
import { numbers, openStage } from './stage.ts';

const counted = numbers();
let seen: string[] = [];
const run = async (events: readonly { key: string; version: number }[]) => {
  seen.push(...events.map(({ key, version }) => `${key}${version}`));
};
const table = projection(counted, 'table', {
  batch: 2,
  async apply(tx, event) {
    await tx.query('INSERT INTO applied_writes (id, applied_at) VALUES ($1, now())', [
      `${tx.tenant}/${event.key}${event.version}`,
    ]);
  },
  clear: async () => {},
});
const ordered = consumer(counted, 'ordered', { batch: 2, run });
const groups = { table, ordered };
const stage = openStage(() => Object.values(groups));

const EVENTS = [
  { key: 'a', n: 1 },
  { key: 'b', n: 2 },
  { key: 'a', n: 3 },
];
const PLACES = ['a1', 'a2', 'b1'];

const applied = async () =>
  (await stage.query<{ id: string }>("SELECT id FROM applied_writes WHERE id LIKE $1 || '/%'", [stage.tenant.id]))
    .map(({ id }) => id.slice(stage.tenant.id.length + 1))
    .sort();

/** A fault that happens to the step with a number. Returns whether the run got so far. */
type Fault = (step: number, work: () => Promise<unknown>) => Promise<boolean>;

function atRequest(verdict: 'drop-response' | { status: number; body: object }): Fault {
  return async (step, work) => {
    const { intercept } = stage.rest;
    let requests = 0;
    stage.rest.intercept = () => (requests++ === step ? verdict : 'pass');
    await work();
    stage.rest.intercept = intercept;
    return requests > step;
  };
}

const atStatement: Fault = async (step, work) => {
  let statements = 0;
  stage.postgres.cutsBefore = () => statements++ === step;
  await work();
  stage.postgres.cutsBefore = undefined;
  return statements > step;
};

const FAULTS: [string, Fault][] = [
  ['Redis refuses a request', atRequest({ status: 503, body: { error: 'busy' } })],
  ['the answer of Redis is lost', atRequest('drop-response')],
  ['the database ends the connection before a statement', atStatement],
];

test.each(
  FAULTS.flatMap(([what, fault]) =>
    [false, true].map((isBehind) => [what, isBehind ? 'behind' : 'in time', fault] as const),
  ),
)(
  '%s, at any step of a run that is %s: no event is missing, applied twice or put aside',
  async (_what, place, fault) => {
    for (const [name, group] of Object.entries(groups)) {
      for (let step = 0, wasReached = true; wasReached; step += 1) {
        await stage.begin();
        seen = [];
        if (place === 'in time') await stage.settleGroups([group]);
        await stage.append(counted, EVENTS);
        wasReached = await fault(step, () => stage.run(group).catch(() => {}));
        // The lease of the run ends, the schedule wakes the group, and the queue delivers the job.
        for (let quiet = false; !quiet; ) {
          await stage.pass(120_000);
          const { state, result } = await stage.run(group);
          quiet = state === 'done' && (result as { handled?: number }).handled === 0;
        }
        const context = `${name}, step ${step}`;
        expect(group === table ? await applied() : [...new Set(seen)].sort(), context).toEqual(PLACES);
        expect(await stage.dead(group), context).toEqual([]);
      }
    }
  },
);
