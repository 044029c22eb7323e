/**
 * The routes of every kind of row: list, create, get, update, delete. Each kind declares its schemas, queries and
 * writes; validation, access checks, prefetching and OpenAPI texts are the same for all and defined here once. A kind
 * that cannot be created or deleted over HTTP leaves that write out.
 */
import { createRoute, type OpenAPIHono, type z } from '@hono/zod-openapi';
import type { Query } from '../platform/cache/index.ts';
import {
  type AppEnv,
  type Caller,
  createRouter,
  type DataContext,
  guarded,
  json,
  jsonBody,
  problems,
  type Right,
  type Scope,
  type TenantScope,
} from '../platform/http/index.ts';
import type { Page, PageArgs } from './page.ts';
import { oneSchema, view } from './view.ts';

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
  schemas: {
    item: z.ZodType<Item>;
    page: z.ZodType<Page<Item>>;
    /** The list's query parameters: a page and its filters. */
    pageQuery: z.ZodObject & z.ZodType<Args>;
    /** Needed if there is a `create` write. */
    create?: NewSchema;
    changes: ChangesSchema;
  };
  queries: {
    one: Query<{ id: string }, Item | null, DataContext>;
    page: Query<Args, Page<Item>, DataContext>;
  };
  writes: {
    create?(tenant: TenantScope, scope: Scope, fields: z.output<NewSchema>): Promise<Item>;
    /** `caller` is for writes that depend on more than {@link ResourceDefinition.writeAccess}. */
    update(
      tenant: TenantScope,
      scope: Scope,
      id: string,
      changes: z.output<ChangesSchema>,
      caller: Caller,
    ): Promise<Item>;
    remove?(tenant: TenantScope, scope: Scope, id: string): Promise<void>;
  };
  /** The right that its writes require. Default `crm:write`. */
  writeAccess?: Right;
}

// Inside `resource` the schemas are still type parameters, so the types of a handler's input and answer are asserted
// here, once. The declarations of resources are checked in full.

/** The router of a resource. */
export function resource<
  Item extends { id: string },
  Args extends PageArgs,
  NewSchema extends z.ZodType,
  ChangesSchema extends z.ZodType,
>(definition: ResourceDefinition<Item, Args, NewSchema, ChangesSchema>): OpenAPIHono<AppEnv> {
  const { singular, plural, schemas, queries, writes, writeAccess = 'crm:write' } = definition;
  const path = `/${plural}`;
  const pathOfOne = `/${plural}/{id}`;
  const group = plural.charAt(0).toUpperCase() + plural.slice(1);
  const tags = [group];
  const router = createRouter();

  view(router, {
    path,
    tag: group,
    summary: `List ${plural}, newest first`,
    schema: schemas.page,
    search: schemas.pageQuery as z.ZodObject,
    query: queries.page,
    args: (input) => input as unknown as Args,
  });

  view(router, {
    path: pathOfOne,
    tag: group,
    summary: `Get a ${singular}`,
    schema: schemas.item,
    params: oneSchema,
    query: queries.one,
    args: ({ id }) => ({ id }),
    missing: singular,
  });

  const { create, update, remove } = writes;
  if (create && schemas.create) {
    const add = createRoute(
      guarded(
        { access: writeAccess },
        {
          method: 'post',
          path,
          tags,
          summary: `Create a ${singular}`,
          request: { body: jsonBody(schemas.create) },
          responses: { 201: json(schemas.item, `The new ${singular}`), ...problems(400, 409, 415) },
        },
      ),
    );
    router.openapi(add, async (c) => {
      const item = await create(c.var.tenant, c.var.scope, c.req.valid('json' as never) as z.output<NewSchema>);
      return c.json(item, 201, { location: `${path}/${item.id}` }) as never;
    });
  }

  const change = createRoute(
    guarded(
      { access: writeAccess },
      {
        method: 'patch',
        path: pathOfOne,
        tags,
        summary: `Update a ${singular}`,
        description: 'Fields left out stay unchanged; `null` clears a field.',
        request: { params: oneSchema, body: jsonBody(schemas.changes) },
        responses: { 200: json(schemas.item, `The updated ${singular}`), ...problems(400, 404, 409, 415) },
      },
    ),
  );
  router.openapi(change, async (c) => {
    const { id } = c.req.valid('param' as never) as z.output<typeof oneSchema>;
    const changes = c.req.valid('json' as never) as z.output<ChangesSchema>;
    return c.json(await update(c.var.tenant, c.var.scope, id, changes, c.var.caller), 200) as never;
  });

  if (remove) {
    const deletion = createRoute(
      guarded(
        { access: writeAccess },
        {
          method: 'delete',
          path: pathOfOne,
          tags,
          summary: `Delete a ${singular}`,
          request: { params: oneSchema },
          responses: { 204: { description: 'Deleted' }, ...problems(400, 404, 409) },
        },
      ),
    );
    router.openapi(deletion, async (c) => {
      await remove(c.var.tenant, c.var.scope, c.req.valid('param').id);
      return c.body(null, 204);
    });
  }

  return router;
}
