/**
 * One delivery, from the verified message to the answer:
 *     resolve the job · validate the input · claim · perform within the time limit · normalise the outcome · finish
 * A successful run costs two requests to Redis: the claim and the finish. Both can be repeated after a lost answer.
 */
import { isRefusal, RedisError } from '../redis/index.ts';
import { parseTraceparent } from '../telemetry/index.ts';
import { admitFollowing, admitOne } from './admit.ts';
import { type Answer, type Delivery, outOfReach } from './answer.ts';
import { type Claim, type ClaimAnswer, claim } from './claim.ts';
import { countClaim, countEnd, countStart } from './counted.ts';
import { endingOf } from './ending.ts';
import { type Finished, finish } from './finish.ts';
import type { Job } from './job.ts';
import { RETENTION_MS } from './lua.ts';
import { leaseMsOf, type Message } from './message.ts';
import type { Outcome } from './outcome.ts';
import { perform } from './perform.ts';
import { handover } from './qstash/publisher.ts';
import type { JobServices } from './registry.ts';
import { resolve } from './resolve.ts';

const DAY_MS = 86_400_000;

/** Runs a delivered job, and returns the answer to QStash. An error of the job is never thrown. */
export async function execute(delivery: Delivery): Promise<Answer> {
  const resolved = await resolve(delivery);
  if ('kind' in resolved) return resolved;
  const { job, input } = resolved;
  const claimed = await takeClaim(delivery, job);
  if (claimed.kind !== 'claimed') return claimed;

  const { system } = delivery.services;
  const { counters } = delivery.scope;
  const started = system.now();
  const { attempt } = claimed.claim;
  countStart(counters, job.name, claimed.claim, started - delivery.message.dueAt);
  const outcome = await perform(delivery, job, input, claimed.claim);
  counters.time('jobs.run', { job: job.name }, system.now() - started);
  addSpan(delivery, attempt, outcome, system.now() - started);
  const answer = await recordEnd(delivery, job, claimed.claim, outcome);
  delivery.services.log.info('jobs.run', { attempt, outcome: outcome.kind, ms: system.now() - started });
  return answer;
}

/** Adds the span of a run. A delivery outside the trace of the job's enqueuer is linked to it. */
function addSpan({ scope: { trace }, message }: Delivery, attempt: number, outcome: Outcome, ms: number): void {
  if (!trace) return;
  const enqueuer = message.trace === undefined ? null : parseTraceparent(message.trace);
  trace.add({
    name: `run ${message.name}`,
    kind: 'consumer',
    ms,
    attributes: {
      'holdfast.job': message.name,
      'holdfast.job_id': message.id,
      'holdfast.tenant': message.tenant,
      'holdfast.attempt': attempt,
      'holdfast.outcome': outcome.kind,
    },
    failed: outcome.kind === 'retry' || outcome.kind === 'fatal',
    links: enqueuer && enqueuer.traceId !== trace.traceId ? [enqueuer] : [],
  });
}

async function takeClaim(delivery: Delivery, job: Job): Promise<Extract<ClaimAnswer, { kind: 'claimed' }> | Answer> {
  const { scope, services, message, nonce = '' } = delivery;
  const owner = services.system.token();
  const { generation, debounced = false } = message;
  const terms = { owner, leaseMs: leaseMsOf(job), generation, maxCrashes: job.maxCrashes, debounced, nonce };
  const ask = () => insist(services, 3, () => claim(services, message, terms));
  try {
    let answer = await ask();
    if (answer.kind === 'missing') {
      // Redis keeps a record longer than QStash keeps its message. So either Redis lost the record, or QStash delivered
      // the message extremely late.
      services.log.error('jobs.record_missing');
      if (services.system.now() - message.dueAt > RETENTION_MS - DAY_MS) return { kind: 'refused', reason: 'EXPIRED' };
      await admitOne(services, message);
      answer = await ask();
    }
    countClaim(scope.counters, job.name, answer);
    switch (answer.kind) {
      case 'claimed':
      case 'replay':
        return answer;
      case 'busy':
      case 'early':
        return { kind: 'busy', waitMs: answer.waitMs };
      case 'crashed':
      case 'dead':
        return { kind: 'refused', reason: 'DEAD' };
      default:
        return { kind: 'settled', state: answer.kind };
    }
  } catch (error) {
    return outOfReach(services, error, 10_000);
  }
}

/** Records the end of the run, publishes the jobs that follow, and returns the answer to QStash. */
async function recordEnd(delivery: Delivery, job: Job, held: Claim, outcome: Outcome): Promise<Answer> {
  const { services, message, scope } = delivery;
  const ending = await endingOf(services, job, message, held, outcome);
  let finished: Finished | null;
  try {
    // Redis may refuse only for a time: during a failover, or until memory is free.
    finished = await insist(services, 6, () => finish(services, message, held, ending), isRefusal);
  } catch (error) {
    // Redis has not recorded the end. When the lease has expired, the next delivery counts a crash and runs the job
    // again.
    return outOfReach(services, error, leaseMsOf(job));
  }
  countEnd(scope.counters, job.name, ending, finished);
  if (!finished) {
    services.log.warn('jobs.stale', { attempt: held.attempt });
    return { kind: 'busy', waitMs: leaseMsOf(job) };
  }
  scope.after(handOver(services, message, finished));
  if (finished.state === 'failed' && ending.to === 'failed') {
    return { kind: 'failed', reason: ending.reason, waitMs: ending.waitMs };
  }
  if (finished.state === 'dead') return { kind: 'refused', reason: 'reason' in ending ? ending.reason : 'DEAD' };
  return { kind: 'settled', state: finished.state };
}

/** Publishes the job's next generation, and admits the follow-up job. If either step fails, the sweep repeats it. */
async function handOver(services: JobServices, ref: Message, finished: Finished): Promise<void> {
  const { message, generation, delayMs, following } = finished;
  if (message !== '') await services.publisher.publish([handover(message, generation, delayMs, services.system.now())]);
  if (following !== '') await admitFollowing(services, ref, following);
}

/**
 * Repeats a request after a lost answer. The request carries a token, so a repetition has no second effect. `orAfter`
 * returns `true` for each other error after which the request must be repeated.
 */
async function insist<Result>(
  { system }: JobServices,
  tries: number,
  ask: () => Promise<Result>,
  orAfter: (error: unknown) => boolean = () => false,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const passing = error instanceof RedisError && /TIMEOUT|UNAVAILABLE|BREAKER|REPLY/.test(error.code);
      if (!(passing || orAfter(error)) || attempt >= tries) throw error;
      await system.sleep(100 * 2 ** (attempt - 1) * (0.5 + system.random()));
    }
  }
}
