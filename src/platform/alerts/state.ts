/**
 * The states of an alert, and the step from one evaluation to the next. The step is a pure function of the state, the
 * reading and the time.
 *
 *            breach               breach for `for`
 *      ok ───────────▶ pending ───────────────────▶ firing
 *      ▲ ◀──────────── no breach                      │
 *      └──────────────────────────────────────────────┘  clear for `keep`
 *
 * Without a value, `ok` and `pending` become `unknown`, and a firing alert goes on firing: a measure that fails proves
 * nothing. Too few samples are no breach, so they end a firing alert like a clear value.
 */
import type { Alert, Reading } from './alert.ts';

export const ALERT_STATES = ['ok', 'pending', 'firing', 'unknown'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** The stored state of an alert. All times are in ms since the epoch. */
export interface AlertStatus {
  state: AlertState;
  /** The time at which this state began. */
  since: number;
  /** Only while firing: the time since which the value has been clear. */
  clearSince: number | null;
  /** The value of the last evaluation that had one. */
  value: number | null;
  /** The last message about this firing; `null` if there was none. */
  notifiedAt: number | null;
}

export interface AlertStep {
  status: AlertStatus;
  change: 'fired' | 'resolved' | null;
}

/** Returns the state of a new alert. */
export function newStatus(at: number): AlertStatus {
  return { state: 'unknown', since: at, clearSince: null, value: null, notifiedAt: null };
}

/** Returns the state after an evaluation at `at`, in ms since the epoch. */
export function step(alert: Alert, before: AlertStatus, reading: Reading | null, at: number): AlertStep {
  const value = reading?.value ?? before.value;
  const stay = { ...before, value };
  if (before.state === 'firing') return stepFiring(alert, stay, reading, at);
  if (reading === null || isTooFew(alert, reading)) return to(stay, 'unknown', at);
  if (!isBreach(alert, reading)) return to(stay, 'ok', at);
  const since = before.state === 'pending' ? before.since : at;
  if (at - since >= alert.forMs) {
    return { status: { ...stay, state: 'firing', since: at, clearSince: null, notifiedAt: null }, change: 'fired' };
  }
  return to(stay, 'pending', at);
}

function stepFiring(alert: Alert, before: AlertStatus, reading: Reading | null, at: number): AlertStep {
  const isClear = reading !== null && (isTooFew(alert, reading) || isPastClear(alert, reading));
  if (!isClear) return { status: { ...before, clearSince: null }, change: null };
  const clearSince = before.clearSince ?? at;
  if (at - clearSince < alert.keepMs) return { status: { ...before, clearSince }, change: null };
  return { status: { ...before, state: 'ok', since: at, clearSince: null }, change: 'resolved' };
}

function to(before: AlertStatus, state: AlertState, at: number): AlertStep {
  return { status: before.state === state ? before : { ...before, state, since: at }, change: null };
}

function isTooFew({ atLeast }: Alert, { samples }: Reading): boolean {
  return samples !== undefined && samples < atLeast;
}

function isBreach({ side, limit }: Alert, { value }: Reading): boolean {
  return side === 'above' ? value > limit : value < limit;
}

function isPastClear({ side, clear }: Alert, { value }: Reading): boolean {
  return side === 'above' ? value <= clear : value >= clear;
}
