/** `/care/board`: the visits of today, for those who care for the patients, and without names for the hallway screen. */
import type { Context } from 'hono';
import { type AppEnv, createRouter, noteRead, type TenantScope } from '../../platform/http/index.ts';
import { view } from '../../platform/rest/index.ts';
import { boardFeed } from '../appointments/feed.ts';
import { boardOf, figuresOf } from './queries.ts';
import { boardQuerySchema, boardSchema, hallwaySchema } from './schema.ts';

export const boardRoutes = createRouter();

const shared = {
  tag: 'Board',
  search: boardQuerySchema,
  live: () => boardFeed.name,
  prefetch(cache: TenantScope['cache'], _day: string, c: Context<AppEnv>): void {
    const search = boardQuerySchema.safeParse(c.req.query());
    if (search.success) cache.prefetch(boardOf, search.data);
  },
} as const;

/** The statuses that the hallway screen shows: patients who wait, and those who are called. */
const CALLED: readonly string[] = ['arrived', 'in_room'];

view(boardRoutes, {
  id: 'board.get',
  ...shared,
  path: '/care/board',
  summary: 'Get the visits of today in a department',
  cost: 'cached',
  access: 'care:flow:read',
  answer: boardSchema,
  audited: { action: 'board.read', entity: 'board', late: true },
  async load(search, { tenant, scope }, _day, c) {
    const { day, timeZone, items } = await tenant.cache.read(boardOf, search);
    const patients = [...new Set(items.map(({ patientId }) => patientId))];
    noteRead(c, { data: { patients } });
    return { day, timeZone, ...figuresOf({ items }, scope.system.now()), items };
  },
});

view(boardRoutes, {
  id: 'board.getHallway',
  ...shared,
  path: '/care/board/hallway',
  summary: 'Get the tickets of a department for the hallway screen',
  cost: 'cached',
  description: 'Without names. A screen needs an API key with only the right `care:flow:hallway`.',
  access: 'care:flow:hallway',
  answer: hallwaySchema,
  audited: { action: 'board.read', entity: 'hallway' },
  async load(search, { tenant, scope }) {
    const { day, timeZone, items } = await tenant.cache.read(boardOf, search);
    const called = items
      .filter(({ status }) => CALLED.includes(status))
      .map(({ ticket, status, startsAt, arrivedAt }) => ({ ticket, status, startsAt, arrivedAt }));
    return { day, timeZone, ...figuresOf({ items }, scope.system.now()), items: called };
  },
});
