/**
 * `alert()` declares a condition that an operator must know: a measure, the limit at which the alert fires, and the
 * limit at which it ends. An alert is a value created at module load, without I/O; the schedule `alerts.evaluate`
 * evaluates every alert each minute.
 */
import { declare } from '../declared.ts';
import { type Duration, milliseconds } from '../duration.ts';
import type { Scope } from '../http/index.ts';

/** `critical`: users notice it. `warning`: users will notice it if it goes on. */
export type Severity = 'critical' | 'warning';

/** The unit of a measure, for texts. */
export type Unit = 'share' | 'count' | 'ms' | 'times';

/** A measured value. */
export interface Reading {
  value: number;
  /** The number of events that the value was computed from, for `atLeast`. */
  samples?: number;
}

/** The services of a measure. All measures of one evaluation have the same context. */
export interface AlertContext {
  readonly scope: Scope;
  /** The minute of the evaluation, in ms since the epoch. */
  readonly at: number;
  /** Aborts at the time limit of the measures. */
  readonly signal: AbortSignal;
  /** Returns what the first measure of this evaluation has loaded under the name, so that measures share requests. */
  shared<Value>(name: string, load: () => Promise<Value>): Promise<Value>;
}

/** The declaration of an {@link Alert}. */
export interface AlertDefinition {
  /** One sentence for operators: `More than 5 % of job runs failed in 10 minutes.` */
  summary: string;
  severity: Severity;
  unit: Unit;
  /** Measures. `null`, or an error, means that there is no value: the alert is then `unknown`. */
  measure(context: AlertContext): Promise<Reading | null>;
  /** The alert fires above this value. Exactly one of `above` and `below` is given. */
  above?: number;
  /** The alert fires below this value. */
  below?: number;
  /** The alert may end at this value and beyond. A distance from the limit prevents flapping. */
  clear: number;
  /** The condition must hold this long before the alert fires. Default 0. */
  for?: Duration;
  /** The value must be clear this long before a firing alert ends. Default 5 min. */
  keep?: Duration;
  /** With fewer samples there is no value, so that a few requests in the night fire nothing. Default 0. */
  atLeast?: number;
  /** The names of alerts that send no messages while this alert fires, because this alert explains them. */
  mutes?: readonly string[];
  /** The first things to look at, as a path of the documentation. */
  runbook?: string;
}

/** A declared alert. All durations are in ms. */
export interface Alert {
  readonly name: string;
  readonly summary: string;
  readonly severity: Severity;
  readonly unit: Unit;
  readonly side: 'above' | 'below';
  readonly limit: number;
  readonly clear: number;
  readonly forMs: number;
  readonly keepMs: number;
  readonly atLeast: number;
  readonly mutes: readonly string[];
  readonly runbook: string | null;
  measure(context: AlertContext): Promise<Reading | null>;
}

const KEEP = '5m';

/**
 * Declares an alert.
 * @throws {TypeError} if the name is not in lower case with hyphens, if the declaration has not exactly one limit, or
 * if `clear` is on the firing side of the limit.
 * @example
 * ```ts
 * export const backlog = alert('backlog', {
 *   summary: 'More than 500 jobs wait.',
 *   severity: 'warning',
 *   unit: 'count',
 *   measure: countWaitingJobs,
 *   above: 500,
 *   clear: 400,
 *   for: '2m',
 * });
 * ```
 */
export function alert(name: string, definition: AlertDefinition): Alert {
  const { above, below, clear } = definition;
  const limit = above ?? below;
  if (!/^[a-z][a-z0-9-]{0,47}$/.test(name)) throw new TypeError(`${name} is not the name of an alert`);
  if (limit === undefined || (above !== undefined && below !== undefined)) {
    throw new TypeError(`The alert ${name} needs either above or below`);
  }
  const side = above === undefined ? 'below' : 'above';
  if (side === 'above' ? clear > limit : clear < limit) {
    throw new TypeError(`The alert ${name} would end on the side on which it fires`);
  }
  declare({ kind: 'alert', name });
  return {
    name,
    summary: definition.summary,
    severity: definition.severity,
    unit: definition.unit,
    side,
    limit,
    clear,
    forMs: milliseconds(definition.for ?? 0),
    keepMs: milliseconds(definition.keep ?? KEEP),
    atLeast: definition.atLeast ?? 0,
    mutes: definition.mutes ?? [],
    runbook: definition.runbook ?? null,
    measure: definition.measure,
  };
}
