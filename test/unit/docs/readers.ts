/** The names in the documents' examples that are in other files: those of the library, and those of the reader's program. */

/** The names that examples use without an import, by module. */
const LIBRARY: Readonly<Record<string, string>> = {
  'holdfast/cache': 'query bloom',
  'holdfast/redis': 'tag',
  'holdfast/jobs':
    'job schedule plan enqueue enqueueMany createJobs cancel continueWith readJob listJobs countJobs cancelJob replayJob ' +
    'replayJobs flushSchedule guardSchedule readBacklog JobMiddleware JobServices',
  'holdfast/jobs/testing': 'createTestQueue',
  'holdfast/limits': 'rule sliding Limiter',
  'holdfast/feeds/browser': 'connectFeeds',
  holdfast: 'HoldfastScope HoldfastTenant',
  hono: 'Context',
  pg: 'pg',
  zod: 'z',
  '@upstash/qstash': 'Client',
  '@/src/platform/alerts/index.ts': 'alert',
  '@/src/platform/counters/index.ts': 'readCounters',
  '@/src/platform/documents/index.ts': 'document',
  '@/src/platform/feeds/index.ts': 'feed publish',
  '@/src/platform/http/index.ts': 'DataContext TenantScope Scope',
  '@/src/platform/numbers/index.ts': 'numbersOf readNumbers day dayBucket month monthBucket',
  '@/src/platform/rest/index.ts': 'view',
  '@/src/crm/arguments.ts': 'noArgs',
  '@/src/crm/deals/pipeline.ts': 'loadPipeline',
  '@/src/crm/feeds.ts': 'dealFeed',
  '@/src/crm/preferences/schema.ts': 'chosenSchema withDefaults',
  '@/src/crm/tags.ts': 'dealTags listTag',
  '@/dev/qstash/clock.ts': 'testClock',
  '@/dev/qstash/server.ts': 'startQstash',
};

/** The names of every reader's program. */
const EVERYWHERE = `
declare const id: string;
declare const ids: string[];
declare const cache: import('@/src/platform/http/index.ts').TenantScope['cache'];
declare const commit: import('@/src/platform/http/index.ts').TenantScope['commit'];
declare const scope: import('@/src/platform/http/index.ts').Scope;
declare const tx: Parameters<Parameters<import('@/src/platform/http/index.ts').TenantScope['commit']>[0]>[0];
declare const db: Awaited<ReturnType<import('@/src/platform/http/index.ts').DataContext['db']>>;
declare const tenant: import('@/src/platform/http/index.ts').TenantScope;
declare function readAgain(id: unknown): void;
declare function readAllOf(topic: string): void;
declare function sendMail(to: string, options: { idempotencyKey: string }): Promise<string>;
`;

/** The names of the readers' programs of single documents. */
const READERS: Readonly<Record<string, string>> = {
  'docs/audit.md': `declare const userRoutes: Parameters<typeof view>[0];`,
  'docs/cache.md': `
declare function findDeal(client: unknown, tenant: string, id: string): Promise<{ id: string; title: string }>;
declare function toDeal(row: unknown): { id: string; title: string };
declare function namesOf(client: unknown, tenant: string, ids: string[]): Promise<string[]>;
declare function findSettings(client: unknown, tenant: string, userId: string, list: string): Promise<{ columns: string[] }>;
declare function findInvitation(client: unknown, tenant: string, hash: string): Promise<{ email: string } | null>;
declare const membersAfter: import('holdfast/cache').BloomSettings<{ hash: string }>['members'];
declare const settings: { columns: string[] };
declare const userId: string;
declare const list: string;
declare const hash: string;`,
  'docs/channels.md': `
declare const holdfast: import('holdfast').Holdfast<unknown, import('holdfast/cache').LoadContext>;
declare function useKey(id: string): void;
declare function readKeysAgain(): Promise<void>;`,
  'docs/jobs.md': `
declare const companyId: string;
declare const left: Set<string>;
declare const onlyInOfficeHours: import('holdfast/jobs').JobMiddleware;
declare const summarize: import('holdfast/jobs').Job<import('zod').ZodType<{ parts: number }>>;
declare const inputs: { to: number }[];
declare const environment: { QSTASH_URL: string; QSTASH_CURRENT_SIGNING_KEY: string };
declare function createTestApp(options: object): import('holdfast/jobs/testing').TestTarget;
declare const services: import('holdfast/jobs').JobServices;
declare const tenant: string;
declare const name: string;`,
  'docs/limits.md': `
declare const limiter: import('holdfast/limits').Limiter;
declare const tenant: string;
declare const ip: string;
declare const user: string;`,
  'docs/live.md': `
declare function showWhoLooks(userIds: readonly string[]): void;
declare function showState(state: import('holdfast/feeds/browser').FeedState): void;`,
  'docs/numbers.md': `
declare const invoiceTags: { all: import('holdfast/redis').Tag };
declare const client: Parameters<typeof readNumbers>[0];
declare const tenant: string;
declare const places: Parameters<typeof readNumbers>[2];
declare const start: Date;
declare const end: Date;
declare const today: string;`,
  'docs/package.md': `
declare const c: Context<Env>;
declare const sendInvoice: import('holdfast/jobs').Job<import('zod').ZodType<{ id: string }>>;`,
  'docs/qstash-emulator.md': `declare const endpoint: string;`,
  'docs/streams.md': `
declare function withAmount(data: unknown): { amount: string };
declare const sendThanks: import('holdfast/jobs').Job<import('zod').ZodType<{ key: string }>>;
declare function addRow(tx: unknown, generation: number, key: string, amount: string): Promise<void>;
declare function removeRowsBefore(tx: unknown, generation: number): Promise<void>;`,
};

/** The names that a program has by itself, from its imports and its declarations. */
function namesIn(text: string): Set<string> {
  const imported = [...text.matchAll(/^import (?:type )?(\w+)?[, ]*(?:\{([^}]*)\})? ?from/gm)].flatMap(
    ([, whole = '', parts = '']) => [whole, ...parts.split(',').map((part) => part.replace(/^\s*type /, '').trim())],
  );
  return new Set([...imported, ...[...text.matchAll(DECLARED)].map(([, name = '']) => name)]);
}

/** A declaration at the margin. */
export const DECLARED = /^(?:export )?(?:declare )?(?:const|function|interface|type) (\w+)/gm;

/** Returns the imports and declarations that an example needs, with those of the examples above it. */
export function preludeOf(source: string, example: string, above: ReadonlyMap<string, string>): string {
  // `unseen` replaces each `…`, the omitted part of an example.
  const lines = ['declare const unseen: any;'];
  const known = namesIn(example);
  let text = example;
  function add(name: string, line: string): void {
    if (known.has(name) || !new RegExp(`(?<![.\\w'])${name}\\b`).test(text)) return;
    known.add(name);
    lines.push(line);
    text += `\n${line}`;
  }
  for (const line of `${READERS[source] ?? ''}${EVERYWHERE}`.split('\n')) {
    add(/^declare \w+ (\w+)/.exec(line)?.[1] ?? '…', line);
  }
  for (const [name, line] of above) add(name, line);
  for (const [module, names] of Object.entries(LIBRARY)) {
    for (const name of names.split(' ')) {
      const clause = name === 'pg' ? 'pg' : `{ ${/^[A-Z]/.test(name) && name !== 'Client' ? 'type ' : ''}${name} }`;
      add(name, `import ${clause} from '${module}';`);
    }
  }
  return lines.join('\n');
}
