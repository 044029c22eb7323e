/**
 * A group that has lost entries in Redis, or that is new, reads the events from SQL: after the place up to which it has
 * handled every event, in the order of (transaction id, position).
 *
 * The group is in Redis again before it reads, so each event that is published later is delivered. An event that was
 * published before may still be above the oldest running transaction; so the group has caught up only when every
 * transaction that had begun before is over.
 */
import { replayStored } from '../events/index.ts';
import { forgetLoss, noteFailures, noteLoss, oldestRunning, reach } from './group.ts';
import type { Run } from './group-run.ts';
import { handle } from './handle.ts';
import { endLoss } from './settle.ts';

/** The wait for a transaction that is still running, in ms. */
const PATIENCE_MS = 2_000;

/**
 * Handles one page of events. 3 SQL statements and the handling; at the end, 1 more and 1 request to Redis. An attempt
 * is counted when it begins, because a process that dies, or a run whose time is over, cannot count it at the end.
 * @returns the wait before the next page if an event failed or a transaction is still running, in ms; else `null`.
 */
export async function catchUp(run: Run, loss: string): Promise<number | null> {
  const { consumer, context, group } = run;
  const { store, redis, system } = context.scope;
  if (run.row.loss !== loss || run.row.target === null) {
    run.row = { ...run.row, loss, target: await noteLoss(store, group, loss) };
  }
  const { target, failures } = run.row;
  const running = await oldestRunning(store);
  const reader = { tenant: group.tenant, query: store.query };
  const limit = run.eventsComeAlone ? 1 : consumer.batch;
  const { events, more } = await replayStored(reader, group.stream, { after: run.row, limit });
  if (events.length > 0) await noteFailures(store, group, failures + 1);
  const delivered = events.map((event, index) => ({
    id: String(index),
    event,
    deliveries: index === 0 ? failures + 1 : 1,
  }));
  const { done, pauseMs, outage } = await handle(run, delivered, true);
  const last = events[done.length - 1];
  if (last) {
    const at = { xid: last.xid, position: last.position };
    await reach(store, group, at);
    run.row = { ...run.row, ...at, failures: 0 };
  }
  if (pauseMs !== null) {
    // The first event after the position has failed, unless the fault is one of the database or of Redis.
    if (last ? !outage : outage) await noteFailures(store, group, last ? 1 : failures);
    return pauseMs;
  }
  if (more) return null;
  if (BigInt(running) < BigInt(target ?? '0')) return PATIENCE_MS;
  await endLoss({ redis, system }, run.holder, loss);
  await forgetLoss(store, group, loss);
  return null;
}
