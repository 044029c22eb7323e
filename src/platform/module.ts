/**
 * A module is a domain of the app as one value: its routes, queries, jobs, schedules and rights. The app is assembled
 * from a list of modules, and its start fails if a declaration in the code is registered by no module.
 */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Alert } from './alerts/index.ts';
import type { Query, QueryArgs } from './cache/index.ts';
import { type Declared, declarations } from './declared.ts';
import type { Stream } from './events/index.ts';
import type { Feed } from './feeds/index.ts';
import { type AppEnv, type DataContext, defineRights, isDefined, type RightsDefinition } from './http/index.ts';
import type { Job, Schedule } from './jobs/index.ts';
import type { NumberSource } from './numbers/index.ts';
import { defineSessionPolicy, type SessionPolicy } from './sessions/index.ts';
import type { Consumer } from './streams/index.ts';

/** A query that is looked up by its name. Its arguments are not checked yet. */
export type NamedQuery = Query<QueryArgs, unknown, DataContext>;

/** The declaration of a module. Only the name is required. */
export interface ModuleDefinition extends Partial<RightsDefinition> {
  /** The name in lower case: `crm`. */
  name: string;
  /**
   * The policy of the sessions and refresh tokens of every role in `roles`, for modules with sensitive records. If
   * several modules set a policy for a role, the stricter bounds count.
   */
  sessions?: SessionPolicy;
  /** The routes, in the order of mounting: if two routes match a path, the first route answers. */
  routes?: readonly OpenAPIHono<AppEnv>[];
  /** Files with queries, as `import * as deals from './deals/queries.ts'`: every exported query is registered. */
  queries?: readonly object[];
  jobs?: readonly Job[];
  /** The schedules, in the order of execution if several schedules are due. */
  schedules?: readonly Schedule[];
  /** The alerts for operators. */
  alerts?: readonly Alert[];
  /** The tables with maintained numbers. */
  numbers?: readonly NumberSource[];
  /** The feeds of live updates. */
  feeds?: readonly Feed[];
  /** The streams of events. */
  streams?: readonly Stream[];
  /** The consumer groups and projections. Their jobs need not be listed in `jobs`. */
  consumers?: readonly Consumer[];
  /** The largest request body of each path that accepts more than other routes, in bytes. */
  bodyLimits?: Readonly<Record<string, number>>;
  /** Descriptions of the groups of operations in the OpenAPI document. */
  tags?: Readonly<Record<string, string>>;
}

/** A module. */
export interface Module extends Required<Omit<ModuleDefinition, 'queries' | 'sessions' | keyof RightsDefinition>> {
  /** The queries by name. Operators can look up and drop the entries of these queries. */
  queries: ReadonlyMap<string, NamedQuery>;
}

/** Thrown if an app lacks a declaration, or has a declaration twice. */
export class ModuleError extends Error {
  override readonly name = 'ModuleError';
  readonly code = 'MODULE_INCOMPLETE';
}

/**
 * Declares a module and defines its rights and the sessions of its roles.
 * @throws {TypeError} if a right is malformed.
 * @throws {SessionError} `SESSION_CONFIG` if the policy of sessions is invalid.
 * @throws {ModuleError} if two queries have the same name.
 */
export function module(definition: ModuleDefinition): Module {
  const { name, rights = [], restricted = [], factor = [], roles = {}, consumers = [] } = definition;
  defineRights({ rights, restricted, factor, roles });
  if (definition.sessions) defineSessionPolicy(Object.keys(roles), definition.sessions);
  const queries = new Map<string, NamedQuery>();
  for (const value of (definition.queries ?? []).flatMap((file) => Object.values(file) as unknown[])) {
    if (!isQuery(value)) continue;
    if (queries.has(value.name)) throw new ModuleError(`Module ${name}: two queries are named ${value.name}`);
    queries.set(value.name, value);
  }
  return {
    name,
    routes: definition.routes ?? [],
    queries,
    jobs: [...(definition.jobs ?? []), ...consumers.flatMap(({ job, rebuild }) => (rebuild ? [job, rebuild] : [job]))],
    schedules: definition.schedules ?? [],
    alerts: definition.alerts ?? [],
    numbers: definition.numbers ?? [],
    feeds: definition.feeds ?? [],
    streams: definition.streams ?? [],
    consumers,
    bodyLimits: definition.bodyLimits ?? {},
    tags: definition.tags ?? {},
  };
}

function isQuery(value: unknown): value is NamedQuery {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'keysOf');
}

/** The registered names of each kind. */
export type Registered = Readonly<Record<Declared['kind'], ReadonlySet<string>>>;

/**
 * Checks that all declarations of the loaded code are registered, and that every required right is defined.
 * @throws {ModuleError} if any is missing; the message names each missing declaration and each undefined right.
 */
export function requireRegistered(registered: Registered, declared: readonly Declared[] = declarations()): void {
  const forgotten = declared
    .filter(({ kind, name }) => !registered[kind].has(name))
    .map(({ kind, name }) => `the ${kind} ${name} is declared, but no module registers it`);
  const undefinedRights = declared
    .filter(({ access }) => typeof access === 'string' && !isDefined(access))
    .map(({ kind, name, access }) => `the ${kind} ${name} requires ${access}, which no module defines`);
  const problems = [...forgotten, ...undefinedRights];
  if (problems.length > 0) throw new ModuleError(`The app is not complete: ${problems.join('; ')}`);
}
