/** Decides which alerts a message tells of: what fired, what still fires after a while, and what ended. */
import type { Alert } from './alert.ts';
import type { MessageLine } from './messages-table.ts';
import type { AlertRow, Silence } from './table.ts';
import { limitInWords, valueInWords } from './words.ts';

/** The time after which a firing alert gets another message, in ms. */
export const REPEAT_MS = 4 * 3_600_000;

interface Evaluated {
  alert: Alert;
  before: AlertRow;
  row: AlertRow;
}

/**
 * Returns the lines of the message after an evaluation, and the names of the firing alerts in it. A silenced alert gets
 * its line after the silence, and a muted alert after the firing of the alert that mutes it. An end gets a line only if
 * the beginning had one.
 */
export function linesOf(
  evaluated: readonly Evaluated[],
  silences: readonly Silence[],
  at: number,
): { lines: MessageLine[]; notified: Set<string> } {
  const silenced = new Set(silences.map(({ name }) => name));
  const firing = evaluated.filter(({ row }) => row.state === 'firing');
  const muted = new Set(firing.flatMap(({ alert }) => alert.mutes));
  const lines: MessageLine[] = [];
  const notified = new Set<string>();
  for (const { alert, row, before } of evaluated) {
    if (row.state !== 'firing') {
      const isTold = before.state === 'firing' && before.notifiedAt !== null;
      if (isTold) lines.push(lineOf(alert, row, 'resolved'));
      continue;
    }
    const isQuiet = silenced.has('*') || silenced.has(alert.name) || muted.has(alert.name);
    if (isQuiet || (row.notifiedAt !== null && at - row.notifiedAt < REPEAT_MS)) continue;
    lines.push(lineOf(alert, row, row.notifiedAt === null ? 'fired' : 'firing'));
    notified.add(alert.name);
  }
  return { lines, notified };
}

function lineOf(alert: Alert, { since, value }: AlertRow, kind: MessageLine['kind']): MessageLine {
  const { name, severity, summary, runbook } = alert;
  return {
    name,
    kind,
    severity,
    summary,
    value: `${valueInWords(alert, value)} (${limitInWords(alert)})`,
    since,
    runbook,
  };
}
