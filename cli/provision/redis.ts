/**
 * The Redis of the deployment, by the Developer API of Upstash: a database with TLS, without eviction, with a daily
 * backup. https://upstash.com/docs/devops/developer-api describes the requests.
 */
import { z } from 'zod';
import { type Plan, type Step, type Values, type VendorApi, VendorError } from './step.ts';

const listSchema = z.array(z.object({ database_id: z.string(), database_name: z.string(), state: z.string() }));
const databaseSchema = z.object({
  database_id: z.string(),
  endpoint: z.string(),
  rest_token: z.string().optional(),
  tls: z.boolean(),
  eviction: z.boolean().default(false),
  db_eviction: z.boolean().default(false),
  daily_backup_enabled: z.boolean().default(false),
});
type Database = z.output<typeof databaseSchema>;

/** The database that the deployment wants. */
export interface WantedRedis {
  name: string;
  /** The primary region: `eu-central-1`. */
  region: string;
}

/**
 * Compares the account with the wanted database. 1 request; 2 if the database exists.
 * @throws {VendorError} if Upstash refuses, or answers in another form.
 */
export async function planRedis(api: VendorApi, { name, region }: WantedRedis): Promise<Plan> {
  const listed = parse(listSchema, await api('GET', '/v2/redis/databases'));
  const found = listed.find(({ database_name, state }) => database_name === name && state === 'active');
  if (found) {
    const database = parse(databaseSchema, await api('GET', `/v2/redis/database/${found.database_id}`));
    return { steps: stepsOf(api, name, database), values: () => valuesOf(database) };
  }
  let created: Database | undefined;
  const create: Step = {
    part: 'redis',
    state: 'to do',
    text: `create the database ${name} in ${region}, with TLS and without eviction`,
    async apply() {
      const body = { database_name: name, platform: 'aws', primary_region: region, tls: true, eviction: false };
      created = parse(databaseSchema, await api('POST', '/v2/redis/database', body));
    },
  };
  const backup: Step = {
    part: 'redis',
    state: 'to do',
    text: 'turn the daily backup on',
    async apply() {
      if (created) await enableBackup(api, created);
    },
  };
  return { steps: [create, backup], values: () => (created ? valuesOf(created) : {}) };
}

function stepsOf(api: VendorApi, name: string, database: Database): Step[] {
  const { database_id: id, tls, eviction, db_eviction, daily_backup_enabled: backup } = database;
  const step = (isDone: boolean, done: string, text: string, apply: () => Promise<unknown>): Step =>
    isDone
      ? { part: 'redis', state: 'done', text: done }
      : { part: 'redis', state: 'to do', text, apply: async () => void (await apply()) };
  return [
    { part: 'redis', state: 'done', text: `the database ${name} exists` },
    step(tls, 'it has TLS', 'turn TLS on', () => api('POST', `/v2/redis/enable-tls/${id}`)),
    step(!eviction && !db_eviction, 'it evicts no keys', 'turn eviction off', () =>
      api('POST', `/v2/redis/disable-eviction/${id}`),
    ),
    step(backup, 'it has a daily backup', 'turn the daily backup on', () => enableBackup(api, database)),
  ];
}

function enableBackup(api: VendorApi, { database_id: id }: Database): Promise<unknown> {
  return api('PATCH', `/v2/redis/enable-dailybackup/${id}`);
}

/** Some answers have the whole name of the host, others only its first part. */
function valuesOf({ endpoint, rest_token: token }: Database): Values {
  const host = endpoint.includes('.') ? endpoint : `${endpoint}.upstash.io`;
  return { UPSTASH_REDIS_REST_URL: `https://${host}`, ...(token && { UPSTASH_REDIS_REST_TOKEN: token }) };
}

function parse<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (!parsed.success) throw new VendorError('Upstash answers in a form that this version does not know');
  return parsed.data;
}
