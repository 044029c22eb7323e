/** `/alerts`: the alerts of the service, their history and their silences, for operators only. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type AppEnv, createRouter, momentSchema, notFound, textSchema, wholeNumberParameter } from '../http/index.ts';
import { command, FOR_OPERATORS, operatorsOnly, type Services, view } from '../rest/index.ts';
import type { Alert } from './alert.ts';
import { channelsOf } from './channels.ts';
import { deliver } from './deliver.ts';
import { addMessages } from './messages-table.ts';
import { ALERT_STATES } from './state.ts';
import { addSilence, endSilence, readChanges, readRows, readSilences, type Silence } from './table.ts';
import { limitInWords, valueInWords } from './words.ts';

const all = { tag: 'Alerts', access: 'alerts:admin', description: FOR_OPERATORS } as const;

const silenceSchema = z
  .object({
    id: z.string(),
    name: z.string().openapi({ description: 'The name of an alert, or `*` for every alert.' }),
    reason: z.string(),
    by: z.string().openapi({ description: 'The id of the caller who began the silence.' }),
    startedAt: momentSchema,
    endsAt: momentSchema,
  })
  .openapi('AlertSilence');

const alertSchema = z
  .object({
    name: z.string(),
    summary: z.string(),
    severity: z.enum(['critical', 'warning']),
    state: z.enum(ALERT_STATES).openapi({ description: '`unknown`: there is no value, or too few samples.' }),
    since: momentSchema.nullable(),
    value: z.string().openapi({ example: '62.5 %' }),
    limit: z.string().openapi({ example: 'below 60 %' }),
    silenced: z.boolean(),
    runbook: z.string().nullable(),
  })
  .openapi('Alert');

const changeSchema = z
  .object({ name: z.string(), change: z.enum(['fired', 'resolved']), at: momentSchema, value: z.number().nullable() })
  .openapi('AlertChange');

const moment = (at: number) => new Date(at).toISOString();
const toSilence = ({ startedAt, endsAt, ...silence }: Silence) => ({
  ...silence,
  startedAt: moment(startedAt),
  endsAt: moment(endsAt),
});

/** The longest silence, in minutes: a silence that is forgotten must end by itself. */
const LONGEST_SILENCE_MIN = 30 * 24 * 60;

/** Creates the routes for the registered alerts. */
export function alertRoutes(alerts: readonly Alert[]): OpenAPIHono<AppEnv> {
  const router = createRouter();

  view(router, {
    ...all,
    id: 'alerts.list',
    path: '/alerts',
    summary: 'List alerts with their states, and the silences',
    cost: { statements: 2 },
    answer: z.object({ items: z.array(alertSchema), silences: z.array(silenceSchema) }),
    effect: 'The alerts, in the order of their severity and state',
    async load(_input, services) {
      operatorsOnly(services);
      const { items, silences } = await readAlerts(services.scope, alerts);
      return {
        items: items.map(({ since, ...item }) => ({ ...item, since: since === null ? null : moment(since) })),
        silences: silences.map(toSilence),
      };
    },
  });

  view(router, {
    ...all,
    id: 'alerts.listChanges',
    path: '/alerts/history',
    summary: 'List the latest begins and ends of alerts, newest first',
    search: z.strictObject({ limit: wholeNumberParameter({ from: 1, to: 100, otherwise: 50 }) }),
    answer: z.object({ items: z.array(changeSchema) }),
    async load({ limit }, services) {
      operatorsOnly(services);
      const changes = await readChanges(services.scope.store, limit);
      return { items: changes.map((change) => ({ ...change, at: moment(change.at) })) };
    },
  });

  command(router, {
    ...all,
    id: 'alertSilences.create',
    path: '/alerts/silences',
    summary: 'Create a silence of an alert',
    cost: { statements: 2 },
    body: z.strictObject({
      name: z
        .enum(['*', ...alerts.map(({ name }) => name)])
        .openapi({ description: 'The name of an alert, or `*` for every alert.' }),
      minutes: z.int().min(1).max(LONGEST_SILENCE_MIN).openapi({ example: 60 }),
      reason: textSchema(500),
    }),
    answer: silenceSchema,
    effect: 'The silence',
    run: async ({ body }, services) => toSilence(await silenceAlert(services, body)),
  });

  command(router, {
    ...all,
    id: 'alertSilences.delete',
    method: 'delete',
    path: '/alerts/silences/{id}',
    summary: 'Delete a silence, which ends now',
    cost: { statements: 2 },
    params: z.object({ id: z.string().max(64) }),
    effect: 'The silence has ended',
    problems: [404],
    run: ({ params: { id } }, services) => endSilenceNow(services, id),
  });

  command(router, {
    ...all,
    id: 'alertMessages.create',
    path: '/alerts/test',
    summary: 'Create a test message for every channel',
    cost: { requests: 2, commands: 4, statements: 4 },
    answer: z.object({
      channels: z.array(z.string()).openapi({ description: 'The configured channels.' }),
      sent: z.int().openapi({ description: 'The number of messages that their channels accepted by now.' }),
    }),
    status: 202,
    effect: 'The message waits, and is repeated until its channel accepts it',
    async run(_input, services) {
      operatorsOnly(services);
      const { scope, tenant } = services;
      const channels = [...channelsOf(scope.environment).keys()];
      const now = scope.system.now();
      const line = {
        name: 'test',
        kind: 'test',
        severity: 'warning',
        summary: 'This is a test.',
        runbook: null,
      } as const;
      const lines = [{ ...line, value: 'no value', since: now }];
      const messages = channels.map((channel) => ({ id: scope.system.rowId('alert'), channel, lines }));
      await tenant.commit(async (tx) => {
        if (messages.length > 0) await addMessages(tx, messages, now);
        await tx.audit({ action: 'alert.tested', entity: { type: 'alert', id: 'test' }, data: { channels } });
      });
      return { channels, sent: await deliver(scope) };
    },
  });

  return router;
}

/** The services of a function about alerts. */
type AlertServices = Pick<Services, 'scope' | 'tenant' | 'caller'>;

/**
 * Reads the alerts in the order of their severity and state, and the silences. Times are in ms since the epoch. 2
 * statements.
 */
export async function readAlerts({ store, system }: Services['scope'], alerts: readonly Alert[]) {
  const [rows, silences] = await Promise.all([readRows(store), readSilences(store, system.now())]);
  const quiet = new Set(silences.map(({ name }) => name));
  const items = alerts.map((alert) => {
    const row = rows.find(({ name }) => name === alert.name);
    const { name, summary, severity, runbook } = alert;
    return {
      ...{ name, summary, severity, runbook },
      state: row?.state ?? ('unknown' as const),
      since: row?.since ?? null,
      value: valueInWords(alert, row?.value ?? null),
      limit: limitInWords(alert),
      silenced: quiet.has('*') || quiet.has(name),
    };
  });
  const rank = ({ state, severity }: (typeof items)[number]) =>
    ['firing', 'pending', 'unknown', 'ok'].indexOf(state) * 2 + (severity === 'critical' ? 0 : 1);
  return { items: items.toSorted((one, other) => rank(one) - rank(other)), silences };
}

/**
 * Begins a silence of an alert, or of every alert (`*`). Only for operators. 1 transaction.
 * @throws {ProblemError} 403 `NOT_OPERATOR`
 */
export async function silenceAlert(
  { scope, tenant, caller }: AlertServices,
  { name, minutes, reason }: { name: string; minutes: number; reason: string },
): Promise<Silence> {
  operatorsOnly({ scope, tenant });
  return tenant.commit(async (tx) => {
    const now = tx.system.now();
    const id = tx.system.rowId('silence');
    const silence = { id, name, endsAt: now + minutes * 60_000, reason, by: caller.id, startedAt: now };
    await addSilence(tx, silence);
    const data = { alert: name, minutes, reason };
    await tx.audit({ action: 'silence.begun', entity: { type: 'silence', id }, data });
    return silence;
  });
}

/**
 * Ends a silence now. Only for operators. 1 transaction.
 * @throws {ProblemError} 403 `NOT_OPERATOR`, 404 if there is no such silence, or it has ended.
 */
export async function endSilenceNow({ scope, tenant }: AlertServices, id: string): Promise<void> {
  operatorsOnly({ scope, tenant });
  await tenant.commit(async (tx) => {
    if (!(await endSilence(tx, id, tx.system.now()))) throw notFound('silence');
    await tx.audit({ action: 'silence.ended', entity: { type: 'silence', id } });
  });
}
