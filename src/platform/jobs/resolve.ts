/** The first step of a delivery: finds the job of the message, and reads its input. */

import { type Answer, type Delivery, outOfReach } from './answer.ts';
import { deadLetter } from './control.ts';
import { sealerOf } from './ending.ts';
import type { Job } from './job.ts';
import { unpack } from './payload.ts';

/** How long an unknown job is delivered again, in ms: this release may be older than the job's declaration. */
const UNKNOWN_GRACE_MS = 30 * 60_000;

/** Finds the job and reads its input. A job that can never run becomes a dead letter without a claim. */
export async function resolve(delivery: Delivery): Promise<{ job: Job; input: unknown } | Answer> {
  const { registry, services, message } = delivery;
  const job = registry.get(message.name);
  if (!job) return notYet(delivery, 'UNKNOWN_JOB');
  if (message.version > job.version) return notYet(delivery, 'UNKNOWN_VERSION');
  const { id, tenant, name } = message;
  let given: unknown;
  try {
    given = await unpack(message.input, { tenant, name, id, what: 'input' }, sealerOf(job, services));
  } catch (error) {
    services.log.error('jobs.unreadable', { error });
    return notYet(delivery, 'UNREADABLE_INPUT');
  }
  const parsed = job.input.safeParse(message.version < job.version ? job.upgrade(given, message.version) : given);
  return parsed.success ? { job, input: parsed.data } : putAside(delivery, 'INVALID_INPUT');
}

/**
 * Requests a later delivery, because the next release may know the job. After 30 minutes, makes the job a dead letter.
 */
async function notYet(delivery: Delivery, reason: string): Promise<Answer> {
  const { services, message } = delivery;
  const age = services.system.now() - message.dueAt;
  if (age > UNKNOWN_GRACE_MS) return putAside(delivery, reason);
  services.log.warn('jobs.not_yet', { reason });
  return { kind: 'unavailable', reason, waitMs: Math.min(UNKNOWN_GRACE_MS / 2, Math.max(30_000, age)) };
}

async function putAside({ scope, services, message }: Delivery, reason: string): Promise<Answer> {
  services.log.error('jobs.put_aside', { reason });
  try {
    const deadLettered = await deadLetter(services, message, reason);
    if (deadLettered.kind === 'dead') scope.counters.count('jobs.runs', { job: message.name, outcome: 'dead' });
    if (deadLettered.kind === 'busy') return { kind: 'busy', waitMs: deadLettered.waitMs };
    return deadLettered.kind === 'dead' ? { kind: 'refused', reason } : { kind: 'settled', state: deadLettered.kind };
  } catch (error) {
    return outOfReach(services, error, 10_000);
  }
}
