/**
 * The Hyperdrive configuration of the Worker, by the API of Cloudflare: the database of `DATABASE_URL`, without
 * Hyperdrive's own cache. https://developers.cloudflare.com/api/resources/hyperdrive describes the requests.
 */
import { z } from 'zod';
import { type Plan, type VendorApi, VendorError } from './step.ts';

const configSchema = z.object({
  id: z.string(),
  name: z.string(),
  origin: z.object({ host: z.string().optional(), database: z.string().optional() }),
  caching: z.object({ disabled: z.boolean().default(false) }).default({ disabled: false }),
});
const listSchema = z.object({ result: z.array(configSchema) });
const oneSchema = z.object({ result: configSchema });
const DEFAULT_PORT = 5432;

/**
 * Compares the account with the wanted configuration. 1 request.
 * @param account the id of the account at Cloudflare.
 * @throws {VendorError} if Cloudflare refuses, or answers in another form.
 */
export async function planHyperdrive(
  api: VendorApi,
  { account, name, databaseUrl }: { account: string; name: string; databaseUrl: string },
): Promise<Plan> {
  const path = `/accounts/${account}/hyperdrive/configs`;
  const url = new URL(databaseUrl);
  const database = decodeURIComponent(url.pathname.slice(1));
  const found = parse(listSchema, await api('GET', path)).result.find((config) => config.name === name);
  let id = found?.id;
  const values = () => (id === undefined ? ({} as Record<string, string>) : { HYPERDRIVE_ID: id });
  if (!found) {
    const apply = async () => {
      const origin = {
        scheme: 'postgres',
        host: url.hostname,
        port: Number(url.port || DEFAULT_PORT),
        database,
        user: decodeURIComponent(url.username),
        password: decodeURIComponent(url.password),
      };
      id = parse(oneSchema, await api('POST', path, { name, origin, caching: { disabled: true } })).result.id;
    };
    const text = `create the configuration ${name} for the database of DATABASE_URL, without caching`;
    return { steps: [{ part: 'hyperdrive', state: 'to do', text, apply }], values };
  }
  const isOther = found.origin.host !== url.hostname || found.origin.database !== database;
  return {
    steps: [
      isOther
        ? {
            part: 'hyperdrive',
            state: 'by hand',
            text: `the configuration ${name} belongs to another database than DATABASE_URL; correct one of the two`,
          }
        : { part: 'hyperdrive', state: 'done', text: `the configuration ${name} belongs to the database` },
      found.caching.disabled
        ? { part: 'hyperdrive', state: 'done', text: 'its cache is off' }
        : {
            part: 'hyperdrive',
            state: 'to do',
            text: 'turn its cache off',
            apply: async () => void (await api('PATCH', `${path}/${found.id}`, { caching: { disabled: true } })),
          },
    ],
    values,
  };
}

function parse<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (!parsed.success) throw new VendorError('Cloudflare answers in a form that this version does not know');
  return parsed.data;
}
