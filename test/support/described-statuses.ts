/** Compares each answer of a test app with the OpenAPI document: a status that is not described fails the test. */
import type { createApp } from '../../src/app/app.ts';
import { describe } from '../../src/platform/http/index.ts';

interface Described {
  method: string;
  path: RegExp;
  name: string;
  statuses: Set<number>;
}

let known: Described[] | undefined;

/** Every operation, those without parameters first. */
function operationsOf(app: ReturnType<typeof createApp>): Described[] {
  const { paths } = JSON.parse(describe(app)) as { paths: Record<string, Record<string, { responses: object }>> };
  return Object.entries(paths)
    .toSorted(([one], [two]) => one.split('{').length - two.split('{').length)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => ({
        method: method.toUpperCase(),
        path: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
        name: `${method.toUpperCase()} ${path}`,
        statuses: new Set(Object.keys(responses).map(Number)),
      })),
    );
}

/**
 * Checks an answer. A 500 is always allowed: it is a bug, which no operation describes.
 * @throws {Error} if an operation answered with a status that its description does not name.
 */
export function checkDescribed(app: ReturnType<typeof createApp>, request: Request, { status }: Response): void {
  known ??= operationsOf(app);
  const { pathname } = new URL(request.url);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const operation = known.find((each) => each.method === method && each.path.test(pathname));
  if (!operation || status === 500 || operation.statuses.has(status)) return;
  throw new Error(`${operation.name} answered ${status}, which its description does not name`);
}
