/** The operations as requests: the generated table is read once for each client. */
import { OPERATIONS } from './from-openapi/operations.ts';

/** The request of an operation. */
export interface Route {
  /** Such as `deals.list`. */
  id: string;
  method: string;
  /** Such as `/deals/:id`. */
  path: string;
  /** Whether the API accepts an idempotency key. */
  hasKey: boolean;
  /** Whether the answer is a stream of events. */
  isStream: boolean;
}

/** The methods by their letters in the table: K is a POST that accepts an idempotency key, S a stream. */
const METHODS: Readonly<Record<string, string>> = {
  G: 'GET',
  S: 'GET',
  P: 'POST',
  K: 'POST',
  U: 'PUT',
  A: 'PATCH',
  D: 'DELETE',
};

/** Every operation of the API. */
export function routes(): Route[] {
  return OPERATIONS.split('\n').flatMap((line) => {
    const [noun = '', ...verbs] = line.split(' ');
    return verbs.map((text) => {
      const [, verb = '', letter = '', path = ''] = /^(\w+)([A-Z])(\/.*)$/.exec(text) ?? [];
      return {
        id: `${noun}.${verb}`,
        method: METHODS[letter] ?? letter,
        path,
        hasKey: letter === 'K',
        isStream: letter === 'S',
      };
    });
  });
}

/** The values of an operation: those of the path and of the query by their names, and the body. */
export type Input = Readonly<Record<string, unknown>>;

/**
 * Returns the path and query of a request.
 * @throws {TypeError} for a value of the path that is missing, or that would lead to another path.
 */
export function addressOf({ id, path }: Route, input: Input): string {
  const { body: _body, ...rest } = input;
  const query: Record<string, unknown> = rest;
  const filled = path.replace(/:(\w+)/g, (_all, name: string) => {
    const value = String(query[name] ?? '');
    delete query[name];
    if (/^\.{0,2}$/.test(value)) throw new TypeError(`${id}: ${name} is missing`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value != null) search.append(name, String(value));
  return search.size > 0 ? `${filled}?${search}` : filled;
}
