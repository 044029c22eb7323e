/** Handles dead events again, when an administrator has asked for it. */
import { readStored } from '../events/index.ts';
import { KEY_HELD } from './dead-events.ts';
import type { Run } from './group-run.ts';
import { isOutage, reasonOf } from './handle.ts';

/**
 * Replays the requested events of a group, in the order of each key. An event that fails again stays dead, and so do the
 * later events of its key when the order matters. The run must hold the group's lease.
 */
export async function replayDead(run: Run): Promise<void> {
  const { consumer, context, dead, group } = run;
  const { store, system } = context.scope;
  const reader = { tenant: group.tenant, query: store.query };
  const failed = new Set<string>();
  const { replays } = dead;
  dead.replays = [];
  for (const { key, version } of replays) {
    context.signal.throwIfAborted();
    if (consumer.order === 'key' && failed.has(key)) {
      await dead.putAside([{ key, version, reason: KEY_HELD }], system.now());
      continue;
    }
    try {
      const events = await readStored(reader, group.stream, key, { after: version - 1, to: version });
      await consumer.apply(events, { group, context });
    } catch (error) {
      context.signal.throwIfAborted();
      // The request stays, and the job's next attempt continues.
      if (isOutage(error)) throw error;
      failed.add(key);
      await dead.putAside([{ key, version, reason: reasonOf(error) }], system.now());
      continue;
    }
    await dead.remove({ key, version });
    run.handled += 1;
  }
}
