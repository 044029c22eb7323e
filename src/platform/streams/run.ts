/**
 * One run of a consumer group's job:
 *
 *     take → handle → settle → take → … until the stream is empty, or until half of the job's time is over
 *
 * The group's lease in Redis makes the run the only one. After a loss in Redis, the run reads the events from SQL.
 */
import { continueWith, enqueueNow, type JobContext, type JobOutcome, snooze } from '../jobs/index.ts';
import { catchUp } from './catch-up.ts';
import { DeadEvents } from './dead-events.ts';
import { openGroup, reach, readDead } from './group.ts';
import type { Consumer, Run } from './group-run.ts';
import { handleEntries } from './handle.ts';
import { replayDead } from './replay-dead.ts';
import { settle } from './settle.ts';
import { take } from './take.ts';

/** The time by which the lease exceeds the time limit of the job, in ms. */
const LEASE_MARGIN_MS = 15_000;
/** After so many attempts of a catch-up that failed or did not end, the run handles its events one by one. */
const ALONE_AFTER = 2;

/** Runs a group until its stream is empty. The cost of each batch is 2 requests to Redis; the last take costs 1. */
export async function runGroup(
  consumer: Consumer,
  groups: readonly string[],
  context: JobContext,
): Promise<object | JobOutcome> {
  const run = await openRun(consumer, groups, context);
  const { scope } = context;
  const services = { redis: scope.redis, system: scope.system };
  for (;;) {
    context.signal.throwIfAborted();
    const taken = await take(services, run.holder, { most: consumer.batch, keepsLease: run.dead.replays.length > 0 });
    if (taken.kind === 'busy') return resultOf(run, { busy: true });
    if (run.dead.replays.length > 0) {
      await replayDead(run);
      // The take was empty, but kept the lease because of the replays. The next take ends the lease.
      if (taken.kind === 'empty') continue;
    }
    if (taken.kind === 'empty') {
      // The horizon was read before this take: older events were published, and all published events are handled.
      await reach(scope.store, run.group, { xid: run.row.horizon, position: '0' });
      return resultOf(run);
    }
    if (taken.kind === 'behind') {
      const pauseMs = await catchUp(run, taken.loss);
      if (pauseMs !== null) return pause(run, pauseMs, [], []);
    } else {
      const { done, untried, pauseMs } = await handleEntries(run, taken.entries);
      if (pauseMs !== null) return pause(run, pauseMs, done, untried);
      const over = isHalfOver(run);
      const settlement = { handled: done, untried, ...(over ? { pauseMs: 0 } : {}) };
      const settled = await settle(services, run.holder, consumer.stream.keep.ageMs, settlement);
      if (settled === 'lost') return resultOf(run, { lost: true });
      if (over) return continueWith(null);
      continue;
    }
    if (isHalfOver(run)) {
      await settle(services, run.holder, consumer.stream.keep.ageMs, { handled: [], untried: [], pauseMs: 0 });
      return continueWith(null);
    }
  }
}

async function openRun(consumer: Consumer, groups: readonly string[], context: JobContext): Promise<Run> {
  const { stream, name, job, generation } = consumer;
  const group = { tenant: context.tenant.tenant, stream: stream.name, name };
  const { store } = context.scope;
  const [row, dead] = await Promise.all([openGroup(store, group, generation), readDead(store, group)]);
  const holder = {
    tenant: group.tenant,
    name: stream.name,
    group: name,
    holder: `${context.id}:${context.fence}`,
    leaseMs: job.timeoutMs + LEASE_MARGIN_MS,
    groups,
  };
  if (consumer.rebuild && row.declared !== generation) {
    await enqueueNow(context.scope, [{ tenant: group.tenant, job: consumer.rebuild, input: {} }]);
  }
  return {
    consumer,
    context,
    group,
    row,
    holder,
    dead: new DeadEvents(store, group, dead),
    eventsComeAlone: row.failures >= ALONE_AFTER,
    handled: 0,
  };
}

/** Ends the run, and lets the group rest for a time. Another run of the group before that time is refused. */
async function pause(
  { consumer, context, holder }: Run,
  pauseMs: number,
  handled: readonly string[],
  untried: readonly string[],
): Promise<JobOutcome> {
  const { redis, system } = context.scope;
  await settle({ redis, system }, holder, consumer.stream.keep.ageMs, { handled, untried, pauseMs });
  return snooze(pauseMs);
}

function isHalfOver({ consumer, context }: Run): boolean {
  return context.scope.system.now() > context.deadline - consumer.job.timeoutMs / 2;
}

function resultOf({ group, handled, dead, context }: Run, more: object = {}): object {
  const result = { handled, dead: dead.added, ...more };
  context.log.info('streams.run', { stream: group.stream, group: group.name, ...result });
  return result;
}
