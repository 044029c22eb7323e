/** Requests to the REST server without the SDK. */
import type { RedisRest } from '../../../dev/redis-rest/server.ts';
import { TOKEN } from '../../support/rest.ts';

/** Sends a request without the SDK. */
export async function call(
  rest: RedisRest,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: unknown; headers: Headers }> {
  const response = await fetch(rest.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
}
