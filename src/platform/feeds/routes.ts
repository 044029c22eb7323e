/** `GET /feeds`: live updates as server-sent events. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import {
  type AppEnv,
  type Caller,
  createRouter,
  endless,
  invalidField,
  notFound,
  presentedBy,
  requireRight,
  type TenantScope,
} from '../http/index.ts';
import { view } from '../rest/index.ts';
import { placeOf } from '../sessions/index.ts';
import { connection } from './connection.ts';
import type { FeedRegistry } from './feed.ts';
import { type Cursor, readCursor } from './position.ts';
import { presentIn } from './present.ts';
import { isTopic, MOST_TOPICS, type Topic, topicOf } from './topic.ts';
import { byeFrame } from './wire.ts';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // A proxy must neither store nor change the stream, and must pass each frame on at once.
  'cache-control': 'no-store, no-transform',
  'content-encoding': 'identity',
  'x-accel-buffering': 'no',
};

/** The wait of a browser whose credentials or limits Redis could not check, in ms, ±50 %. */
const UNAVAILABLE_RETRY_MS = 10_000;

const WRONG_CURSOR = 'must be the id of an event of this API';

/** Creates the routes of an app's feeds. */
export function feedRoutes(feeds: FeedRegistry): OpenAPIHono<AppEnv> {
  const routes = createRouter();
  routes.use('/feeds', keepOrStop());
  view(routes, {
    id: 'feeds.listen',
    path: '/feeds',
    tag: 'Feeds',
    access: null,
    // A page that stays open connects again and again. Only the requests of its user keep the session alive.
    isUse: false,
    summary: 'Listen to live updates',
    cost: { commands: 4, statements: 0 },
    description: descriptionOf(feeds),
    effect: 'Server-sent events; `docs/live.md` describes them',
    search: z.strictObject({
      topics: z
        .string()
        .refine((text) => new Set(text.split(',')).size <= MOST_TOPICS, `must name at most ${MOST_TOPICS} topics`)
        .refine((text) => text.split(',').every(isTopic), 'must be topics separated by commas, such as deals,inbox')
        .openapi({ description: 'Topics, separated by commas.', example: 'deals,inbox' }),
      after: z
        .string()
        .max(4_000)
        .refine((text) => readCursor(text) !== null, WRONG_CURSOR)
        .optional()
        .openapi({ description: 'The id of the last event, to resume. The header `Last-Event-ID` takes precedence.' }),
    }),
    answer: z.string(),
    mediaType: 'text/event-stream',
    otherAnswers: { 204: { description: 'The session has ended: do not come back' } },
    problems: [404],
    prefetch(cache, _day, c) {
      const cursor = readCursor(c.req.header('last-event-id') ?? c.req.query('after') ?? '');
      for (const text of c.req.query('topics')?.split(',', MOST_TOPICS) ?? []) {
        if (!cursor?.has(text)) prefetchRow(feeds, cache, text);
      }
    },
    async load({ topics: texts, after }, { scope, tenant, caller }, _day, c) {
      const cursor = cursorOf(c.req.header('last-event-id'), after);
      const topics = await Promise.all(
        [...new Set(texts.split(','))].map(async (text) => {
          const topic = topicFor(feeds, tenant, caller, text);
          // A caller who resumes has already listened to this row. If the row was deleted since, an event tells of it.
          if (!cursor?.has(text)) await requireRow(topic, tenant);
          // A room shows people, so a machine is in no room.
          return caller.userId === null ? { ...topic, room: null } : topic;
        }),
      );
      const left = new AbortController();
      const frames = connection(scope, {
        tenant: tenant.tenant,
        callerId: caller.id,
        entry: placeOf(caller),
        connection: scope.system.token(),
        topics,
        settings: scope.environment,
        cursor,
        signal: left.signal,
        ...(caller.kind === 'api-key' && { isStillValid: () => isKeyValid(c) }),
      });
      return c.body(endless(c, frames, left), 200, HEADERS);
    },
  });
  view(routes, {
    id: 'feeds.getPresence',
    path: '/feeds/presence',
    tag: 'Feeds',
    access: null,
    // A page that asks again and again must not keep its session alive.
    isUse: false,
    summary: 'Get the users who listen to a topic',
    cost: { requests: 2, commands: 5, statements: 0 },
    description: 'For callers that hold no connection. The topic needs the same right as in `GET /feeds`.',
    search: z.strictObject({
      topic: z
        .string()
        .refine(isTopic, 'must be a topic, such as deals')
        .openapi({ description: 'A topic that shows who listens.', example: 'deals' }),
    }),
    answer: z
      .object({
        topic: z.string(),
        userIds: z.array(z.string()).openapi({ description: 'The users who listen, each once.' }),
      })
      .openapi('Presence'),
    problems: [404],
    prefetch: (cache, _day, c) => prefetchRow(feeds, cache, c.req.query('topic') ?? ''),
    async load({ topic: text }, { scope, tenant, caller }) {
      const topic = topicFor(feeds, tenant, caller, text);
      if (topic.room === null) throw notFound(`presence of the topic ${text}`);
      const [userIds] = await Promise.all([presentIn(scope, topic.room), requireRow(topic, tenant)]);
      return { topic: text, userIds };
    },
  });
  return routes;
}

/**
 * Returns the topic of a text.
 * @throws {ProblemError} 404 for an unknown topic, 403 for a caller without the right of the topic, or its second factor.
 */
function topicFor(feeds: FeedRegistry, { tenant }: TenantScope, caller: Caller, text: string): Topic {
  const topic = topicOf(feeds, tenant, caller.userId, text);
  if (!topic) throw notFound(`topic ${text}`);
  if (topic.feed.access !== null) requireRight(caller, topic.feed.access, `The topic ${text}`);
  return topic;
}

function prefetchRow(feeds: FeedRegistry, cache: TenantScope['cache'], text: string): void {
  // The gate does not know the caller yet. Only feeds of rows are looked up, and they need no user.
  const topic = isTopic(text) ? topicOf(feeds, 'unknown', null, text) : null;
  if (topic?.rowId) topic.feed.row?.prefetch(cache, topic.rowId);
}

/** @throws {ProblemError} 404 for a row that does not exist. */
async function requireRow({ text, feed, rowId }: Topic, { cache }: TenantScope): Promise<void> {
  if (rowId === null || !feed.row || (await feed.row.exists(cache, rowId))) return;
  throw notFound(`row of the topic ${text}`);
}

/**
 * Answers so that an `EventSource` does the right thing: it comes back only after a 200, and stops for good after any
 * other status. A browser that resumes without a valid session gets 204 and stops. If Redis does not answer, or a limit
 * is reached, the browser gets a 200 that ends at once and says when to come back. Callers with `Authorization` get the
 * plain statuses: they can read a status, and come back with a new token.
 */
function keepOrStop(): MiddlewareHandler<AppEnv> {
  return async function keepOrStop(c, next) {
    await next();
    if (c.req.header('authorization') !== undefined) return;
    const { status } = c.res;
    const resumes = c.req.header('last-event-id') !== undefined || c.req.query('after') !== undefined;
    if (status === 401 && resumes)
      c.res = new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } });
    if (status !== 503 && status !== 429) return;
    const wait = Number(c.res.headers.get('retry-after') ?? 0) * 1_000;
    const retryMs = Math.max(wait, UNAVAILABLE_RETRY_MS * (0.5 + c.var.scope.system.random()));
    c.res = new Response(byeFrame(status === 429 ? 'limit' : 'unavailable', retryMs), { headers: HEADERS });
  };
}

/** Returns the cursor of a request. A browser that connects again repeats the first URL, so the header takes precedence. */
function cursorOf(header: string | undefined, after: string | undefined): Cursor | null {
  const text = header ?? after;
  const cursor = text === undefined ? null : readCursor(text);
  if (text !== undefined && !cursor) throw invalidField('last-event-id', WRONG_CURSOR);
  return cursor;
}

/** Verifies the API key of the request again. At most 1 command, sent with the other commands of its turn. */
async function isKeyValid(c: Context<AppEnv>): Promise<boolean> {
  const { scope, tenant } = c.var;
  const caller = await presentedBy(c)?.begin(scope, tenant)();
  return caller !== null && caller !== undefined;
}

/** The topics, for the API's description. */
function descriptionOf(feeds: FeedRegistry): string {
  const lines = [...feeds.values()].map(({ name, audience, access, presence, description }) => {
    const topic = audience === 'row' ? `${name}:{id}` : name;
    const right = access === null ? 'no right' : `the right ${access}`;
    return `- \`${topic}\`: ${description} (${right}${presence ? '; shows who listens' : ''})`;
  });
  return ['The topics:', '', ...lines].join('\n');
}
