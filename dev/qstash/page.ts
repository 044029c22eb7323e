/**
 * The emulator's page, which shows developers why a job has not run. The page is read-only and runs no script; Hono's
 * `html` template escapes the content of messages.
 */
import { html } from 'hono/html';
import type { Snapshot } from './snapshot.ts';

type Row = Record<string, unknown>;

/** A column: its heading, and the content of its cells. */
type Column = [heading: string, cell: (row: Row) => unknown];

const plain = (...names: string[]): Column[] => names.map((name) => [name, (row) => row[name]]);
const time = (name: string): Column => [
  name,
  (row) => (typeof row[name] === 'number' ? new Date(row[name]).toISOString() : ''),
];
const json = (name: string): Column => [
  name,
  (row) => (row[name] === undefined ? '' : JSON.stringify(row[name]).slice(0, 300)),
];

const MESSAGES = [...plain('messageId', 'url', 'phase', 'retried', 'maxRetries', 'queueName'), time('notBefore')];
const QUEUES = plain('name', 'lag', 'parallelism', 'paused');
const SCHEDULES = [
  ...plain('scheduleId', 'cron', 'destination', 'isPaused'),
  time('lastScheduleTime'),
  time('nextScheduleTime'),
  json('lastScheduleStates'),
  ...plain('error'),
];
const TOPICS = [...plain('name'), json('endpoints')];
const DEAD = [...plain('dlqId', 'messageId', 'url', 'responseStatus'), json('body'), json('responseBody')];
const FLOWS = plain(
  'flowControlKey',
  'waitListSize',
  'parallelismCount',
  'parallelismMax',
  'rateCount',
  'rateMax',
  'ratePeriod',
  'isPaused',
);
const EVENTS = [time('time'), ...plain('state', 'messageId', 'url', 'error'), time('nextDeliveryTime')];

/** Renders a snapshot as a page. */
export function overviewPage(snapshot: Snapshot): string {
  const { clock, counts } = snapshot;
  const faults = Object.entries(snapshot.faults).map(([name, fault]) => ({ name, fault }));
  return String(html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>QStash (${counts.messages})</title>
    <style>
      :root { color-scheme: light dark; }
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 80rem; margin: 2rem auto; padding: 0 1rem; }
      section { overflow-x: auto; }
      h2 { font-size: 1rem; }
      table { border-collapse: collapse; font-size: 0.875rem; }
      th, td { border-top: 1px solid light-dark(#ccc, #444); padding: 0.25rem 0.75rem 0.25rem 0; text-align: left; vertical-align: top; }
    </style>
  </head>
  <body>
    <h1>QStash</h1>
    <p>
      The emulator's clock says <time>${new Date(clock.now).toISOString()}</time>;
      ${counts.sending} attempts are under way, ${clock.waiting} things wait for their time.
      <a href="/_emulator/state">The same as JSON</a>
    </p>
    ${table(`Messages (${counts.messages})`, MESSAGES, snapshot.messages)}
    ${table('Queues', QUEUES, snapshot.queues)}
    ${table('Schedules', SCHEDULES, snapshot.schedules)}
    ${table('URL groups', TOPICS, snapshot.topics)}
    ${table(`Dead letters (${counts.deadLetters})`, DEAD, snapshot.deadLetters)}
    ${table('Flow control', FLOWS, snapshot.flowControl)}
    ${table('Faults', [...plain('name'), json('fault')], faults)}
    ${table('Log', EVENTS, snapshot.events)}
  </body>
</html>
`);
}

function table(title: string, columns: Column[], rows: Row[]) {
  if (rows.length === 0) return html`<h2>${title}</h2><p>None.</p>`;
  return html`<h2>${title}</h2>
    <section>
      <table>
        <tr>${columns.map(([heading]) => html`<th scope="col">${heading}</th>`)}</tr>
        ${rows.map((row) => html`<tr>${columns.map(([, cell]) => html`<td>${String(cell(row) ?? '')}</td>`)}</tr>`)}
      </table>
    </section>`;
}
