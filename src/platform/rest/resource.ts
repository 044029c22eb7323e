/**
 * The routes of every kind of row: list, create, get, update, delete. Each kind declares its schemas, queries and
 * writes. Validation, access checks, prefetching and OpenAPI texts are the same for all kinds and are written once,
 * here. If rows of a kind cannot be created or deleted over HTTP, its declaration has no `create` or no `remove`.
 */
import type { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Query } from '../cache/index.ts';
import {
  type AppEnv,
  type Caller,
  createRouter,
  type DataContext,
  type Right,
  type TenantScope,
} from '../http/index.ts';
import { command } from './command.ts';
import type { Budget, CachedBudget } from './cost.ts';
import { oneSchema } from './operation.ts';
import type { Page, PageArgs } from './page.ts';
import { view } from './view.ts';

/** The declaration of a resource. */
export interface ResourceDefinition<
  Item extends { id: string },
  Args extends PageArgs,
  NewSchema extends z.ZodType,
  ChangesSchema extends z.ZodType,
> {
  /** The singular in lower case: `deal`. */
  singular: string;
  /** The plural, as in the path: `deals`. */
  plural: string;
  /** The rights that reads and writes of the resource require. */
  access: { read: Right; write: Right };
  schemas: {
    item: z.ZodType<Item>;
    page: z.ZodType<Page<Item>>;
    /** The list's query parameters: a page and its filters. */
    pageQuery: z.ZodObject & z.ZodType<Args>;
    /** The schema of a new row; needed if there is a `create` write. */
    create?: NewSchema;
    changes: ChangesSchema;
  };
  /** The topics of live updates: of the list, and of each row. See `live` of a view. */
  live?: { list?: string; one?(id: string): string };
  /** The name in the trail of the read of one row, if these reads are audited: `user.read`. */
  audited?: string;
  /** How the costs differ from the usual costs of views and commands; see `cost.ts`. */
  costs?: { list?: CachedBudget; get?: CachedBudget; create?: Budget; update?: Budget; delete?: Budget };
  queries: {
    one: Query<{ id: string }, Item | null, DataContext>;
    page: Query<Args, Page<Item>, DataContext>;
  };
  writes: {
    create?(tenant: TenantScope, fields: z.output<NewSchema>): Promise<Item>;
    /** `caller` is for writes that need more than the right to write, for example a certain role. */
    update(tenant: TenantScope, id: string, changes: z.output<ChangesSchema>, caller: Caller): Promise<Item>;
    remove?(tenant: TenantScope, id: string): Promise<void>;
  };
}

/** Creates the router of a resource. */
export function resource<
  Item extends { id: string },
  Args extends PageArgs,
  NewSchema extends z.ZodType,
  ChangesSchema extends z.ZodType,
>(definition: ResourceDefinition<Item, Args, NewSchema, ChangesSchema>): OpenAPIHono<AppEnv> {
  const { singular, plural, schemas, queries, writes, costs = {}, live: { list, one: topicOfOne } = {} } = definition;
  const { create, update, remove } = writes;
  const router = createRouter();
  const tag = plural.charAt(0).toUpperCase() + plural.slice(1);
  const all = { path: `/${plural}`, tag };
  const one = { path: `/${plural}/{id}`, tag, params: oneSchema };
  const reads = { access: definition.access.read };
  const changes = { access: definition.access.write };
  const row = ({ id }: { id: string }) => ({ kind: singular, id });

  view(router, {
    ...all,
    ...reads,
    id: `${plural}.list`,
    cost: costs.list ?? {},
    summary: `List ${plural}, newest first`,
    answer: schemas.page,
    search: schemas.pageQuery as z.ZodObject,
    query: queries.page,
    // The cast is safe: `pageQuery` of the declaration has already checked that the input has this type.
    args: (input) => input as unknown as Args,
    live: list === undefined ? undefined : () => list,
  });
  view(router, {
    ...one,
    ...reads,
    id: `${plural}.get`,
    cost: costs.get ?? {},
    summary: `Get a ${singular}`,
    answer: schemas.item,
    query: queries.one,
    args: ({ id }) => ({ id }),
    missing: singular,
    tagged: true,
    ...(definition.audited === undefined ? {} : { audited: { action: definition.audited, entity: singular } }),
    live: topicOfOne && (({ id }) => topicOfOne(id)),
  });
  if (create && schemas.create) {
    command(router, {
      ...all,
      ...changes,
      id: `${plural}.create`,
      cost: costs.create ?? {},
      summary: `Create a ${singular}`,
      body: schemas.create,
      answer: schemas.item,
      tagged: true,
      location: ({ id }) => `/${plural}/${id}`,
      effect: `The new ${singular}`,
      run: ({ body }, { tenant }) => create(tenant, body),
    });
  }
  command(router, {
    ...one,
    ...changes,
    id: `${plural}.update`,
    cost: costs.update ?? {},
    method: 'patch',
    summary: `Update a ${singular}`,
    description: 'Fields left out stay unchanged; `null` clears a field.',
    body: schemas.changes,
    answer: schemas.item,
    tagged: true,
    changes: row,
    effect: `The updated ${singular}`,
    problems: [404],
    run: ({ params, body }, { tenant, caller }) => update(tenant, params.id, body, caller),
  });
  if (remove) {
    command(router, {
      ...one,
      ...changes,
      id: `${plural}.delete`,
      cost: costs.delete ?? {},
      method: 'delete',
      summary: `Delete a ${singular}`,
      effect: 'Deleted',
      changes: row,
      problems: [404],
      run: ({ params }, { tenant }) => remove(tenant, params.id),
    });
  }
  return router;
}
