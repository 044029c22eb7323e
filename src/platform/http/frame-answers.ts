/**
 * The answers that the middleware before every route may give (see `createFrame` in `app.ts`). This file adds them to
 * the OpenAPI document, so that no route has to repeat them.
 */
import { PROBLEMS } from './schemas.ts';

/** The part of an OpenAPI document that this file uses. */
interface Document {
  /** Operations by path and method. */
  paths?: object;
}

interface Operation {
  requestBody?: unknown;
  parameters?: readonly { in?: string }[];
  responses?: Record<string, unknown>;
}

/** The methods of writes. A page of another site may not send a write, and the body of a write may be too large. */
const UNSAFE = new Set(['post', 'put', 'patch', 'delete']);

/**
 * Adds the answers of the frame to each operation of a document, and keeps the answers that an operation describes.
 */
export function addFrameAnswers(document: Document): void {
  for (const methods of Object.values(document.paths ?? {}) as Record<string, Operation>[]) {
    for (const [method, operation] of Object.entries(methods)) {
      const responses = { ...operation.responses };
      for (const status of statusesOfFrame(method, operation)) responses[status] ??= problem(status);
      if (method === 'get' && '200' in responses) {
        responses['304'] ??= { description: 'Not changed since the `ETag` in `If-None-Match`' };
      }
      operation.responses = responses;
    }
  }
}

function statusesOfFrame(method: string, { requestBody, parameters = [] }: Operation): (keyof typeof PROBLEMS)[] {
  return [
    500,
    ...(UNSAFE.has(method) ? ([403, 413] as const) : []),
    ...(requestBody === undefined ? [] : ([400, 415] as const)),
    ...(parameters.some((parameter) => parameter.in === 'path' || parameter.in === 'query') ? ([400] as const) : []),
  ];
}

/** Returns a problem's description for a finished document. Every document of this app has the schema `Problem`. */
function problem(status: keyof typeof PROBLEMS): object {
  const schema = { $ref: '#/components/schemas/Problem' };
  return { description: PROBLEMS[status].description, content: { 'application/problem+json': { schema } } };
}
