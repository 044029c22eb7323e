/**
 * One evaluation: measures every alert, then moves all states and writes the messages in one transaction. The
 * transaction locks the rows of all alerts, and changes nothing if the same minute or a later minute has already been
 * evaluated. So two ticks at the same time count as one.
 */
import type { Scope } from '../http/index.ts';
import type { Alert, AlertContext, Reading } from './alert.ts';
import { addMessages } from './messages-table.ts';
import { linesOf } from './notices.ts';
import { step } from './state.ts';
import { type AlertChange, type AlertRow, addChanges, lockRows, readSilences, writeRows } from './table.ts';

/** The time limit of all measures together, in ms. A measure that takes longer has no value. */
const MEASURE_LIMIT_MS = 10_000;

/** The result of an evaluation; `null` if another evaluation of the minute came first. */
export interface Evaluation {
  fired: readonly string[];
  resolved: readonly string[];
}

/**
 * Evaluates alerts for the minute `at`, in ms since the epoch. In PostgreSQL: the statements of the measures, then 1
 * transaction with 3 statements, and 2 more after a change.
 * @param channels the names of the channels that get the messages.
 */
export async function evaluate(
  scope: Scope,
  alerts: readonly Alert[],
  channels: readonly string[],
  at: number,
): Promise<Evaluation | null> {
  const readings = await measureAll(scope, alerts, at);
  const { store, system } = scope;
  return store.transaction(async (tx) => {
    const names = alerts.map(({ name }) => name);
    const rows = await lockRows(store, names, at, tx);
    if ([...rows.values()].some(({ evaluatedAt }) => evaluatedAt >= at)) return null;
    const silences = await readSilences(store, at, tx);
    const changes: AlertChange[] = [];
    const next = alerts.flatMap((alert): { alert: Alert; row: AlertRow; before: AlertRow }[] => {
      const before = rows.get(alert.name);
      if (!before) return [];
      const { status, change } = step(alert, before, readings.get(alert) ?? null, at);
      const row = { ...status, name: alert.name, evaluatedAt: at };
      if (change) changes.push({ name: alert.name, change, at, value: row.value });
      return [{ alert, row, before }];
    });
    const { lines, notified } = linesOf(next, silences, at);
    await writeRows(
      store,
      next.map(({ row }) => (notified.has(row.name) ? { ...row, notifiedAt: at } : row)),
      tx,
    );
    if (changes.length > 0) await addChanges(store, changes, tx);
    if (lines.length > 0 && channels.length > 0) {
      const messages = channels.map((channel) => ({ id: system.rowId('alert'), channel, lines }));
      await addMessages({ query: (text, values) => store.query(text, values, tx) }, messages, system.now());
    }
    const namesOf = (wanted: AlertChange['change']) =>
      changes.filter(({ change }) => change === wanted).map(({ name }) => name);
    return { fired: namesOf('fired'), resolved: namesOf('resolved') };
  });
}

/** Measures all alerts at the same time. A measure that fails, or that takes too long, has no value. */
async function measureAll(scope: Scope, alerts: readonly Alert[], at: number): Promise<Map<Alert, Reading | null>> {
  const { log, system } = scope;
  const controller = new AbortController();
  const over = Promise.withResolvers<null>();
  const stop = system.timer(MEASURE_LIMIT_MS, () => {
    controller.abort();
    over.resolve(null);
  });
  const shared = new Map<string, Promise<unknown>>();
  const context: AlertContext = {
    scope,
    at,
    signal: controller.signal,
    shared<Value>(name: string, load: () => Promise<Value>): Promise<Value> {
      const loading = (shared.get(name) as Promise<Value> | undefined) ?? load();
      shared.set(name, loading);
      return loading;
    },
  };
  const measure = async (alert: Alert): Promise<Reading | null> => {
    try {
      return await Promise.race([alert.measure(context), over.promise]);
    } catch (error) {
      log.warn('alerts.not_measured', { alert: alert.name, error });
      return null;
    }
  };
  try {
    return new Map(await Promise.all(alerts.map(async (alert) => [alert, await measure(alert)] as const)));
  } finally {
    stop();
  }
}
