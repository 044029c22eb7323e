/**
 * The schedule that evaluates alerts and sends messages. It is not exclusive: it runs while Redis is down, and the row
 * locks divide the work of several runs.
 */
import type { Scope } from '../http/index.ts';
import { type Schedule, schedule } from '../jobs/index.ts';
import type { Alert } from './alert.ts';
import { channelsOf } from './channels.ts';
import { deliver } from './deliver.ts';
import { evaluate } from './evaluate.ts';
import type { AlertSettings } from './settings.ts';
import { forgetOld } from './table.ts';

/** The time limit of the heartbeat, in ms. */
const HEARTBEAT_LIMIT_MS = 2_000;
/** How long changes and ended silences are kept, in ms. */
const HISTORY_MS = 90 * 86_400_000;
const DAY_MS = 86_400_000;

/** The scope of a run: the app's scope with the settings of alerts. */
export type AlertScope = Scope & { readonly environment: AlertSettings };

/** Creates the schedule for the registered alerts. */
export function alertSchedule(alerts: readonly Alert[]): Schedule {
  return schedule('alerts.evaluate', {
    cron: '* * * * *',
    exclusive: false,
    run: ({ scope, tick }) => runAlerts(scope, alerts, tick),
  });
}

/** Evaluates, sends messages, and calls the heartbeat. Returns what happened; `undefined` if nothing did. */
export async function runAlerts(scope: AlertScope, alerts: readonly Alert[], tick: number): Promise<unknown> {
  const evaluation = await evaluate(scope, alerts, [...channelsOf(scope.environment).keys()], tick);
  const sent = await deliver(scope);
  await beat(scope);
  if (tick % DAY_MS === 0) await forgetOld(scope.store, tick - HISTORY_MS);
  const { fired = [], resolved = [] } = evaluation ?? {};
  return fired.length + resolved.length + sent > 0 ? { fired, resolved, sent } : undefined;
}

/** Calls the heartbeat URL. A failure is logged, because the service at the URL notices it in any case. */
async function beat({ environment, fetch, log, system }: AlertScope): Promise<void> {
  const url = environment.ALERT_HEARTBEAT_URL;
  if (url === undefined) return;
  const controller = new AbortController();
  const stop = system.timer(HEARTBEAT_LIMIT_MS, () => controller.abort());
  try {
    const response = await fetch(url, { signal: controller.signal, redirect: 'manual' });
    await response.body?.cancel();
  } catch (error) {
    log.warn('alerts.no_heartbeat', { error });
  } finally {
    stop();
  }
}
