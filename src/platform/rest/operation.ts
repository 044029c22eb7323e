/** The parts that all declared operations share: reads ({@link view}) and writes ({@link command}). */
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type AppEnv, idSchema, type OperationId, type PROBLEMS, type Right } from '../http/index.ts';

/** The path parameters of an operation on one row. */
export const oneSchema = z.object({ id: idSchema });

/** The schema of parameters that an operation does not have. */
export const nothing = z.object({});
export type Nothing = typeof nothing;

/** The services of a handler: its request's scope, its caller and the services of the caller's tenant. */
export type Services = Pick<AppEnv['Variables'], 'scope' | 'caller' | 'tenant'>;

/** The services of a handler for callers without credentials. Such a handler has neither a caller nor a tenant. */
export type PublicServices = Pick<Services, 'scope'>;

/**
 * The context of a handler for callers without credentials. No gate has set `caller` and `tenant`, so they have the type
 * `never` here: reading a property of them is a type error. Functions that take a `Context<AppEnv>` accept this context.
 */
export type PublicContext = {
  get(name: 'caller' | 'tenant'): never;
  readonly var: { readonly caller: never; readonly tenant: never };
} & Context<AppEnv>;

/** The declaration that all views and commands share. */
export interface OperationDefinition<Params extends z.ZodObject, Search extends z.ZodObject> {
  /** The `operationId` of the OpenAPI document: the noun in the plural and the verb, `deals.list`. */
  id: OperationId;
  /** The path, such as `/users/{id}/tasks`. */
  path: string;
  /** The group in the OpenAPI document. */
  tag: string;
  /** The summary in the OpenAPI document: an imperative without a full stop, such as `Create a webhook`. */
  summary: string;
  description?: string;
  /** The text of the success in the OpenAPI document: `The new deal`, `Revoked`. Default: `The result`. */
  effect?: string;
  /** Path parameters. */
  params?: Params;
  /** Query parameters. */
  search?: Search;
  /** Problems that this operation can answer, beyond the problems that follow from the declaration. */
  problems?: readonly (keyof typeof PROBLEMS)[];
}

/** The part of the declaration that decides who may call the operation. */
export interface Access {
  /** The right that a caller needs; `null` if valid credentials are enough. */
  access: Right | null;
}
