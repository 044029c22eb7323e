/**
 * Flow control: messages with the same key share a limit on parallel attempts (parallelism), and a limit on starts
 * per period (rate). A message over a limit waits in the key's waitlist; no message is dropped.
 */
import { type Fifo, fifo } from './fifo.ts';
import { DEFAULT_PERIOD_MS, type FlowSettings } from './flow-settings.ts';
import { isDone, type Message } from './message.ts';

/** The state of one key. */
export interface Flow {
  key: string;
  parallelismMax: number | undefined;
  rateMax: number | undefined;
  periodMs: number;
  isPaused: boolean;
  isPinnedParallelism: boolean;
  isPinnedRate: boolean;
  /** The number of attempts in progress. */
  active: number;
  /** The number of attempts started in the period that began at `periodStart`. */
  rateCount: number;
  periodStart: number;
  waitlist: Fifo<Message>;
  /** The time of the next scheduled check of the waitlist. */
  wakeAt: number | undefined;
}

/** When the number of keys reaches this number or a multiple of it, idle keys are removed. */
const KEYS_KEPT = 1_000;

/** Returns the state of a key. If the key has no state yet, creates its state. */
export function flowOf(flows: Map<string, Flow>, key: string, now: number): Flow {
  const known = flows.get(key);
  if (known !== undefined) return known;
  if (flows.size > 0 && flows.size % KEYS_KEPT === 0) forgetIdle(flows, now);
  const flow: Flow = {
    key,
    parallelismMax: undefined,
    rateMax: undefined,
    periodMs: DEFAULT_PERIOD_MS,
    isPaused: false,
    isPinnedParallelism: false,
    isPinnedRate: false,
    active: 0,
    rateCount: 0,
    periodStart: now,
    waitlist: fifo(isDone),
    wakeAt: undefined,
  };
  flows.set(key, flow);
  return flow;
}

function forgetIdle(flows: Map<string, Flow>, now: number): void {
  for (const [key, flow] of flows) {
    const isSet = flow.isPaused || flow.isPinnedParallelism || flow.isPinnedRate;
    const isBusy = flow.active > 0 || flow.waitlist.peek() !== undefined || now < flow.periodStart + flow.periodMs;
    if (!isSet && !isBusy) flows.delete(key);
  }
}

/** Applies the settings of the newest message to its key. Pinned limits do not change. */
export function applySettings(flow: Flow, { parallelism, rate, periodMs }: FlowSettings): void {
  if (!flow.isPinnedParallelism) flow.parallelismMax = parallelism;
  if (!flow.isPinnedRate) {
    flow.rateMax = rate;
    flow.periodMs = periodMs;
  }
}

/** Pins limits, so that settings of messages do not change them, and restarts the period. */
export function pin(flow: Flow, limits: { parallelism?: number; rate?: number; periodMs?: number }, now: number): void {
  if (limits.parallelism !== undefined) {
    flow.parallelismMax = limits.parallelism;
    flow.isPinnedParallelism = true;
  }
  if (limits.rate !== undefined) {
    flow.rateMax = limits.rate;
    flow.periodMs = limits.periodMs ?? DEFAULT_PERIOD_MS;
    flow.isPinnedRate = true;
  }
  resetRate(flow, now);
}

/** Ends the current period, and starts a new period. */
export function resetRate(flow: Flow, now: number): void {
  flow.rateCount = 0;
  flow.periodStart = now;
}

/** Removes from the waitlist the next message that may start now, and counts its attempt. */
export function takeFromWaitlist(flow: Flow, now: number): Message | undefined {
  if (flow.waitlist.peek() === undefined || flow.isPaused) return undefined;
  if (flow.active >= (flow.parallelismMax ?? Number.POSITIVE_INFINITY)) return undefined;
  if (now >= flow.periodStart + flow.periodMs) resetRate(flow, now);
  if (flow.rateCount >= (flow.rateMax ?? Number.POSITIVE_INFINITY)) return undefined;
  flow.active += 1;
  flow.rateCount += 1;
  return flow.waitlist.shift();
}

/**
 * Returns the time at which the waitlist must be checked again: the end of a period whose rate is used up. Returns
 * undefined if no check is needed.
 */
export function nextPeriodFor(flow: Flow): number | undefined {
  const isLimitedByRate = flow.rateMax !== undefined && flow.rateCount >= flow.rateMax;
  if (flow.isPaused || flow.waitlist.peek() === undefined || !isLimitedByRate) return undefined;
  return flow.periodStart + flow.periodMs;
}

/** Describes a key with the fields of the API; an absent limit is 0. */
export function describeFlow(flow: Flow, now: number): Record<string, unknown> {
  const isOver = now >= flow.periodStart + flow.periodMs;
  return {
    flowControlKey: flow.key,
    waitListSize: [...flow.waitlist].length,
    parallelismMax: flow.parallelismMax ?? 0,
    parallelismCount: flow.active,
    rateMax: flow.rateMax ?? 0,
    rateCount: isOver ? 0 : flow.rateCount,
    ratePeriod: flow.periodMs / 1_000,
    ratePeriodStart: Math.floor(flow.periodStart / 1_000),
    isPaused: flow.isPaused,
    isPinnedParallelism: flow.isPinnedParallelism,
    isPinnedRate: flow.isPinnedRate,
  };
}
