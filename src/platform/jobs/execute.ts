/**
 * One delivery, from the verified message to the answer:
 *     resolve the job · validate the input · claim · perform within the time limit · normalise the outcome · finish
 * A successful run costs two requests to Redis: the claim and the finish. Both can be repeated after a lost answer.
 */
import { messageOf, withoutMessage } from '../error-report.ts';
import { isRefusal, RedisError } from '../redis/index.ts';
import { toDatabaseError } from '../sql/index.ts';
import { parseTraceparent } from '../telemetry/index.ts';
import { admitFollowing, admitOne } from './admit.ts';
import { type Claim, type ClaimAnswer, claim } from './claim.ts';
import { createContext, type Run } from './context.ts';
import { deadLetter } from './control.ts';
import { countClaim, countEnd, countStart } from './counted.ts';
import { codeOf, endingOf, reasonOf, sealerOf } from './ending.ts';
import { JobError } from './errors.ts';
import { type Finished, finish } from './finish.ts';
import type { Job } from './job.ts';
import { RETENTION_MS } from './lua.ts';
import { leaseMsOf, type Message } from './message.ts';
import { runThrough, untilAborted } from './middleware.ts';
import { JobOutcome, type Outcome } from './outcome.ts';
import { unpack } from './payload.ts';
import { handover } from './qstash/publisher.ts';
import type { JobRegistry, JobServices } from './registry.ts';
import type { JobScope } from './scope.ts';

/** The answer to QStash. */
export type Answer =
  /** The message needs no further delivery. */
  | { kind: 'settled'; state: string }
  /** Another run holds the job's lease, or the next attempt is not due: deliver again after the wait. */
  | { kind: 'busy'; waitMs: number }
  /** The run failed: deliver again after the wait. */
  | { kind: 'failed'; reason: string; waitMs: number }
  /** The job cannot be checked or run now: deliver again after the wait. */
  | { kind: 'unavailable'; reason: string; waitMs: number }
  /** The job can never run: do not deliver the message again. */
  | { kind: 'refused'; reason: string }
  /** The same delivery has already run the job: the request is a replay. */
  | { kind: 'replay' };

/** A delivery with a verified message. */
export interface Delivery {
  scope: JobScope;
  services: JobServices;
  registry: JobRegistry;
  message: Message;
  /** Identifies this delivery. Without a nonce, a replay cannot be recognized. */
  nonce?: string;
}

const DAY_MS = 86_400_000;
/** The maximum number of characters of an error's message that the record keeps. */
const LONGEST_MESSAGE = 500;
/** How long an unknown job is delivered again, in ms: this release may be older than the job's declaration. */
const UNKNOWN_GRACE_MS = 30 * 60_000;

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

/** Finds the job and reads its input. A job that can never run becomes a dead letter without a claim. */
async function resolve(delivery: Delivery): Promise<{ job: Job; input: unknown } | Answer> {
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

/** Runs the job's code inside all middleware, within the job's time limit, and returns the outcome. */
async function perform(
  { scope, services, registry, message }: Delivery,
  job: Job,
  input: unknown,
  held: Claim,
): Promise<Outcome> {
  const { system, log } = services;
  const controller = new AbortController();
  const { signal } = controller;
  const stopTimer = system.timer(job.timeoutMs, () => {
    controller.abort(new JobError('JOB_TIMEOUT', `Job ${job.name} took longer than ${job.timeoutMs} ms`));
  });
  try {
    const cursor = await cursorOf(services, job, message, held);
    const deadline = system.now() + job.timeoutMs;
    const run: Run = { scope, services, job, message, claim: held, cursor, controller, deadline };
    const context = createContext(run);
    const work = runThrough(registry.middleware, { job, input, context }, () => job.perform(input, context));
    const value = await untilAborted(work, signal);
    return value instanceof JobOutcome ? value.outcome : { kind: 'done', result: value ?? null };
  } catch (error) {
    if (error instanceof JobOutcome) return error.outcome;
    if (signal.aborted && codeOf(signal.reason) === 'JOB_CANCELLED') return { kind: 'cancel', reason: 'CANCELLED' };
    const { ERROR_MESSAGES: messages } = scope.environment;
    const told = messages === 'shown' ? error : withoutValues(error, job);
    log.warn('jobs.failed', { attempt: held.attempt, error: told });
    const errorMessage = messageOf(told, messages).slice(0, LONGEST_MESSAGE);
    return { kind: 'retry', afterMs: null, reason: reasonOf(error), errorMessage };
  } finally {
    stopTimer();
  }
}

/**
 * Returns an error that may be logged. A sensitive job's error loses its message, because the message may quote
 * secrets.
 */
function withoutValues(error: unknown, { sensitive }: Job): unknown {
  return sensitive ? withoutMessage(error) : (toDatabaseError(error) ?? error);
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

async function cursorOf(services: JobServices, job: Job, { tenant, name, id }: Message, held: Claim): Promise<unknown> {
  if (held.cursor === '') return undefined;
  return unpack(held.cursor, { tenant, name, id, what: 'cursor' }, sealerOf(job, services));
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

function outOfReach({ log }: JobServices, error: unknown, waitMs: number): Answer {
  log.error('jobs.unavailable', { error });
  return { kind: 'unavailable', reason: isRefusal(error) ? 'REDIS_REFUSED' : 'REDIS_UNAVAILABLE', waitMs };
}
