/**
 * A trigger announces a minute. Triggers come from Cloudflare's cron, from a rule of EventBridge or from a schedule of
 * QStash; a trigger may come late, or several times. The process claims the due ticks and runs each tick in its own
 * scope. A trigger without due ticks costs one request to Redis.
 */
import { awaitedLater } from '../awaited-later.ts';
import type { LabelsOf } from '../counters/index.ts';
import { RedisError } from '../redis/index.ts';
import { codeOf, reasonOf } from './ending.ts';
import { JobError } from './errors.ts';
import type { ScriptServices } from './lua.ts';
import type { Schedule, ScheduleRegistry } from './schedule.ts';
import { type Candidate, claimTicks, type TickVerdict } from './schedule-claim.ts';
import { finishTick, noteTick, type TickEnding } from './schedule-finish.ts';
import type { JobScope } from './scope.ts';

/** The services of a trigger. */
export interface TriggerServices {
  /** Creates the scope of one run. Each scope is ended after its run. */
  scope(): JobScope;
  schedules: ScheduleRegistry;
}

/** The report about one run. */
export interface TickReport {
  schedule: string;
  tick: number;
  outcome: TickEnding['outcome'] | 'stale';
}

/**
 * The maximum number of parallel runs. A run may hold a connection to Postgres, and workerd gives a trigger six
 * connections.
 */
const RUNS_AT_A_TIME = 2;
/**
 * The maximum number of ticks of a schedule that one trigger runs. The next trigger runs the remaining missed ticks.
 */
const MOST_CATCH_UP = 100;
/** The maximum number of characters of a result to keep; a longer result is dropped. */
const LONGEST_DETAIL = 500;

/**
 * Runs the due ticks. An error of a run is logged and recorded, never thrown: the next trigger is a minute away. If
 * Redis is down, only non-exclusive schedules run.
 *
 * Costs 1 request and 1 command if no tick is due. Each run costs 1 more request for its end. The run of a
 * non-exclusive schedule costs this request only if the run had work, failed, or follows a failed run.
 * @param triggeredAt the minute of the trigger, in ms since the epoch.
 */
export async function trigger(services: TriggerServices, triggeredAt: number): Promise<TickReport[]> {
  const control = services.scope();
  try {
    return await runDue(services, control, triggeredAt);
  } finally {
    await control.end();
  }
}

async function runDue(services: TriggerServices, control: JobScope, triggeredAt: number): Promise<TickReport[]> {
  const candidates = candidatesAt(services.schedules, triggeredAt);
  const reports: TickReport[] = [];
  const each = candidates.filter(({ schedule }) => !schedule.exclusive);
  const owner = control.system.token();
  // The claim is sent before the non-exclusive schedules run, so that both send their requests in the same turn.
  const asked = claim(control, candidates, { owner, triggeredAt, most: RUNS_AT_A_TIME });
  const unclaimed = awaitedLater(
    Promise.all(
      each.map(async (candidate) => {
        const ending = await runIn(services, candidate.schedule, candidate.latest, 1);
        const known = (await asked)?.get(candidate.schedule);
        const isNews = ending.outcome !== 'ok' || ending.detail !== '';
        const isNoted = known?.kind === 'each' && (isNews || known.lastOutcome !== 'ok');
        if (isNoted) await noteTick(control, candidate.schedule, ending).catch(logged(control, candidate.schedule));
        reports.push({ schedule: candidate.schedule.name, tick: candidate.latest, outcome: ending.outcome });
      }),
    ),
  );
  let waiting = candidates.filter(({ schedule }) => schedule.exclusive);
  let verdicts = await asked;
  // A due tick above the limit of parallel runs is claimed after the current runs have ended, here or by the next
  // trigger.
  while (verdicts && waiting.length > 0) {
    const known = verdicts;
    const due = waiting.filter(({ schedule }) => known.get(schedule)?.kind === 'due');
    const lanes = waiting.map((candidate) => runClaimed(services, control, candidate, owner, known));
    reports.push(...(await Promise.all(lanes)).flat());
    waiting = due;
    if (due.length > 0) verdicts = await claim(control, due, { owner, triggeredAt, most: RUNS_AT_A_TIME });
  }
  await unclaimed;
  return reports;
}

/** Runs the claimed tick of a schedule and, with `catchUp: 'all'`, its missed ticks. */
async function runClaimed(
  services: TriggerServices,
  control: JobScope,
  candidate: Candidate,
  owner: string,
  verdicts: ReadonlyMap<Schedule, TickVerdict>,
): Promise<TickReport[]> {
  const { schedule, latest } = candidate;
  const reports: TickReport[] = [];
  let verdict = verdicts.get(schedule);
  const claimAfter = async (seen: number): Promise<TickVerdict | undefined> => {
    const next = schedule.next(seen);
    if (next === null || next > latest || reports.length >= MOST_CATCH_UP) return undefined;
    const terms = { owner: control.system.token(), triggeredAt: next, most: 1 };
    owner = terms.owner;
    return (await claim(control, [{ schedule, latest: next, previous: seen }], terms))?.get(schedule);
  };
  for (;;) {
    if (verdict?.kind === 'behind') verdict = await claimAfter(verdict.seen);
    if (verdict?.kind !== 'run') break;
    const { tick, attempt } = verdict;
    const ending = await runIn(services, schedule, tick, attempt);
    const finished = await end(control, schedule, { owner, tick }, ending);
    reports.push({ schedule: schedule.name, tick, outcome: finished === 'stale' ? 'stale' : ending.outcome });
    if (schedule.catchUp !== 'all' || finished !== 'ended') break;
    verdict = await claimAfter(tick);
  }
  return reports;
}

/** Returns each schedule's latest tick at or before `at`, in the order of the schedules. */
function candidatesAt(schedules: ScheduleRegistry, at: number): Candidate[] {
  return [...schedules.values()].flatMap((schedule): Candidate[] => {
    const latest = schedule.latest(at);
    if (latest === null) return [];
    return [{ schedule, latest, previous: schedule.catchUp === 'all' ? schedule.latest(latest - 1) : null }];
  });
}

/** Claims the ticks of the candidates; `undefined` if the claim failed. */
async function claim(
  control: JobScope,
  candidates: readonly Candidate[],
  terms: Parameters<typeof claimTicks>[2],
): Promise<ReadonlyMap<Schedule, TickVerdict> | undefined> {
  if (candidates.length === 0) return new Map();
  try {
    const verdicts = await twice(() => claimTicks(control, candidates, terms));
    return new Map(candidates.flatMap(({ schedule }, at) => (verdicts[at] ? [[schedule, verdicts[at]]] : [])));
  } catch (error) {
    const skipped = candidates.map(({ schedule }) => schedule.name);
    control.log.error('schedules.unclaimed', { schedules: skipped, error });
    return undefined;
  }
}

async function end(
  control: JobScope,
  schedule: Schedule,
  held: { owner: string; tick: number },
  ending: TickEnding,
): Promise<'ended' | 'again' | 'stale'> {
  try {
    return await twice(() => finishTick(control, schedule, held, ending));
  } catch (error) {
    // The end of the run is not recorded; after the lease the run counts as crashed.
    logged(control, schedule)(error);
    return 'stale';
  }
}

function logged(control: JobScope, { name }: Schedule): (error: unknown) => void {
  return (error) => control.log.error('schedules.unrecorded', { schedule: name, error });
}

/** Repeats a request once after a lost answer. The request carries a token, so it has only one effect. */
async function twice<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof RedisError && /TIMEOUT|UNAVAILABLE/.test(error.code)) return ask();
    throw error;
  }
}

async function runIn(services: TriggerServices, schedule: Schedule, tick: number, attempt: number) {
  const scope = services.scope();
  try {
    const ending = await runTick(scope, schedule, tick, attempt);
    const attributes = { 'holdfast.schedule': schedule.name, 'holdfast.outcome': ending.outcome };
    const failed = ending.outcome !== 'ok';
    scope.trace?.end({ name: `tick ${schedule.name}`, kind: 'internal', attributes, failed });
    return ending;
  } finally {
    await scope.end();
  }
}

/** Runs a schedule's code within its time limit, and returns the end of the run. Never throws. */
export async function runTick(scope: JobScope, schedule: Schedule, tick: number, attempt: number): Promise<TickEnding> {
  const { system } = scope;
  const { name, timeoutMs } = schedule;
  const log = scope.log.with({ schedule: name, tick: new Date(tick).toISOString() });
  const controller = new AbortController();
  const { signal } = controller;
  const started = system.now();
  const stopTimer = system.timer(timeoutMs, () => {
    controller.abort(new JobError('JOB_TIMEOUT', `Schedule ${name} took longer than ${timeoutMs} ms`));
  });
  // The trigger does not wait for a run that ignores its signal.
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  const ended = (outcome: LabelsOf<'schedules.runs'>['outcome'], detail: string): TickEnding => {
    const ms = system.now() - started;
    scope.counters.count('schedules.runs', { schedule: name, outcome });
    scope.counters.time('schedules.run', { schedule: name }, ms);
    return { outcome, ms, detail };
  };
  try {
    const result = await Promise.race([schedule.execute({ tick, attempt, signal, log, scope }), aborted]);
    const detail = JSON.stringify(result) ?? '';
    if (detail !== '') log.info('schedules.run', { attempt, result });
    return ended('ok', detail.length > LONGEST_DETAIL ? '' : detail);
  } catch (error) {
    log.error('schedules.failed', { attempt, error });
    return ended(codeOf(error) === 'JOB_TIMEOUT' ? 'timeout' : 'failed', reasonOf(error));
  } finally {
    stopTimer();
  }
}

/**
 * Runs a schedule now, regardless of `cron`, unless the schedule is already running. Its regular ticks do not change.
 * 2 requests.
 * @param owner identifies the caller: a repeated call with the same `owner` continues the same run.
 * @returns the end of the run, or `busy` if the schedule is already running.
 */
export async function runNow(
  scope: JobScope & ScriptServices,
  schedule: Schedule,
  owner: string,
): Promise<TickEnding | 'busy'> {
  const now = scope.system.now();
  const candidate: Candidate = { schedule, latest: now, previous: null, manual: true };
  const [verdict] = await claimTicks(scope, [candidate], { owner, triggeredAt: now, most: 1 });
  if (verdict?.kind !== 'run') return 'busy';
  const ending = await runTick(scope, schedule, verdict.tick, verdict.attempt);
  await finishTick(scope, schedule, { owner, tick: verdict.tick }, ending);
  return ending;
}
