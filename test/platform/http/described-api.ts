/**
 * The API as described in its OpenAPI document: operations, parameters and bodies. Suites that use this list cover a
 * new route immediately.
 */
import type { Instance } from '../../support/instance.ts';

/** The used part of JSON Schema. */
export interface Schema {
  type?: string | string[];
  enum?: unknown[];
  pattern?: string;
  format?: string;
  example?: unknown;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: unknown;
  items?: Schema;
}

/** A query or path parameter. */
export interface Parameter {
  name: string;
  in: 'query' | 'path' | 'header' | 'cookie';
  required?: boolean;
  schema: Schema;
}

/** One method of one path. */
export interface Operation {
  /** Such as `PATCH /deals/{id}`. */
  name: string;
  method: string;
  path: string;
  /** Whether the operation needs credentials. */
  guarded: boolean;
  parameters: Parameter[];
  /** The schema of the JSON body, if the operation has one. */
  body: Schema | undefined;
  /** The media type of a body that is not JSON. */
  mediaType: string | undefined;
  /** The described statuses. */
  statuses: number[];
}

interface RawOperation {
  security?: unknown[];
  responses: Record<string, unknown>;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema & { $ref?: string } }> };
}

interface Document {
  paths: Record<string, Record<string, RawOperation>>;
  components: { schemas: Record<string, Schema> };
}

/** Every operation of the document. */
export async function describedOperations(instance: Pick<Instance, 'request'>): Promise<Operation[]> {
  const { paths, components } = (await (await instance.request('/openapi.json')).json()) as Document;
  const resolve = (schema: Schema & { $ref?: string }) =>
    schema.$ref === undefined ? schema : (components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  const bodyOf = ({ requestBody }: RawOperation) => {
    const json = requestBody?.content['application/json'];
    return json && resolve(json.schema);
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      guarded: (raw.security ?? []).length > 0,
      parameters: (raw.parameters ?? []).map((each) => ({ ...each, schema: resolve(each.schema) })),
      body: bodyOf(raw),
      mediaType: Object.keys(raw.requestBody?.content ?? {}).find((type) => type !== 'application/json'),
      statuses: Object.keys(raw.responses).map(Number),
    })),
  );
}

/** Whether a schema allows a type. */
export function allows({ type }: Schema, wanted: string): boolean {
  return type === wanted || (Array.isArray(type) && type.includes(wanted));
}

/** The smallest valid body: the required fields, or any one field if none is required. */
export function smallestBody({ properties = {}, required = [] }: Schema): Record<string, unknown> {
  const names = Object.keys(properties);
  const any = names.find((name) => /^(title|name|tags)$/.test(name)) ?? names[0];
  const chosen = required.length > 0 || any === undefined ? required : [any];
  return Object.fromEntries(chosen.map((name) => [name, smallestValue(properties[name] ?? {})]));
}

function smallestValue(schema: Schema): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.enum) return schema.enum[0];
  if (allows(schema, 'integer') || allows(schema, 'number')) return schema.minimum ?? 1;
  if (allows(schema, 'boolean')) return true;
  return 'Something';
}

/** The collections with routes to add and get a row: `/deals`, because of `POST /deals` and `GET /deals/{id}`. */
export function collections(operations: readonly Operation[]): { path: string; singular: string; body: Schema }[] {
  const names = new Set(operations.map(({ name }) => name));
  return operations.flatMap(({ method, path, body }) => {
    if (method !== 'POST' || !body || !names.has(`GET ${path}/{id}`)) return [];
    return [{ path, singular: path.slice(1).replace(/ies$/, 'y').replace(/s$/, ''), body }];
  });
}
