/** The OpenAPI document as the client needs it: the successes of each operation, without headers. */
import { createHash } from 'node:crypto';
import { createApp } from '../../../src/app/app.ts';
import { jobs, schedules } from '../../../src/app/background.ts';
import { apiTexts } from '../../../src/app/modules.ts';
import { describe } from '../../../src/platform/http/index.ts';

/** A parameter of an operation. */
export interface Parameter {
  name: string;
  in: string;
}

/** An operation in the document. */
export interface Operation {
  operationId: string;
  summary: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
  'x-cost'?: object;
}

/** The used part of an OpenAPI document. */
export interface Document {
  openapi: string;
  info: object;
  components: object;
  paths: Record<string, Record<string, Operation>>;
}

/** Returns the text of the API's document, as `GET /openapi.json` answers it. */
export function describedApi(): string {
  const onlyDescribed = () => {
    throw new Error('This app only describes the API');
  };
  return describe(createApp(onlyDescribed, jobs, schedules), apiTexts);
}

/**
 * Returns the document without refusals, headers and costs: a refusal is a `HoldfastError`, and the client writes and reads the
 * headers. Types of these would be most of the generated file.
 */
export function neededBy(text: string): Document {
  const { openapi, info, components, paths } = JSON.parse(text) as Document;
  const needed = ({ 'x-cost': _, ...operation }: Operation): Operation => ({
    ...operation,
    ...(operation.parameters && { parameters: operation.parameters.filter((each) => each.in !== 'header') }),
    responses: Object.fromEntries(
      Object.entries(operation.responses)
        .filter(([status]) => status.startsWith('2'))
        .map(([status, { description, content }]) => [status, { description, ...(content && { content }) }]),
    ),
  });
  return {
    openapi,
    info,
    components,
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, methods]) => [
        path,
        Object.fromEntries(Object.entries(methods).map(([method, operation]) => [method, needed(operation)])),
      ]),
    ),
  };
}

/** Returns the hash of a document, which the generated files name. */
export function hashOf(document: Document): string {
  return createHash('sha256').update(JSON.stringify(document)).digest('hex');
}
