/** Holds each answer of a test app against its OpenAPI document: a status or type that is not described fails the test. */
import type { createApp } from '../../src/app/app.ts';
import { apiTexts } from '../../src/app/modules.ts';
import { describe } from '../../src/platform/http/index.ts';

interface Described {
  method: string;
  path: RegExp;
  name: string;
  /** The media types of each status. */
  answers: Map<number, string[]>;
}

interface Operation {
  responses: Record<string, { content?: object }>;
}

let known: Described[] | undefined;

/** Every operation, those without parameters first. */
function operationsOf(app: ReturnType<typeof createApp>): Described[] {
  const { paths } = JSON.parse(describe(app, apiTexts)) as { paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths)
    .toSorted(([one], [two]) => one.split('{').length - two.split('{').length)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => ({
        method: method.toUpperCase(),
        path: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`),
        name: `${method.toUpperCase()} ${path}`,
        answers: new Map(
          Object.entries(responses).map(([status, { content = {} }]) => [Number(status), Object.keys(content)]),
        ),
      })),
    );
}

/**
 * Checks an answer.
 * @throws {Error} if an operation gave a status, or a media type, that its description does not name.
 */
export function checkDescribed(app: ReturnType<typeof createApp>, request: Request, response: Response): void {
  known ??= operationsOf(app);
  const { pathname } = new URL(request.url);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const operation = known.find((each) => each.method === method && each.path.test(pathname));
  if (!operation) return;
  const { status } = response;
  const types = operation.answers.get(status);
  if (!types) throw new Error(`${operation.name} answered ${status}, which its description does not name`);
  const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
  // A 204 and a 304 have no body. An empty answer to HEAD keeps its type.
  if (types.length === 0 ? response.body === null : types.includes(type)) return;
  throw new Error(`${operation.name} answered ${status} as ${type}, but its description names ${types.join(', ')}`);
}
