/** `cache inspect`: describes the cached entry of a query, without its value. */
import { inspectByArguments } from '../src/platform/observe/index.ts';
import { type Command, optional, required } from './command.ts';
import { TENANT_OPTION } from './tenant.ts';

export const cacheInspect: Command = {
  name: 'cache inspect',
  words: ['<query>'],
  summary: 'Shows the age, freshness, tags and size of a cached entry, without its value',
  options: {
    ...TENANT_OPTION,
    args: { type: 'string', value: 'json', help: 'All arguments of the query, as JSON. Default: {}' },
  },
  example: `cache inspect company --tenant acme --args '{"id":"company_01M3YDZGQG2PMYT7144XGWJN8B"}'`,
  async run(input, place) {
    const app = await place.app();
    const { tenant } = await app.tenant(required(input, 'tenant'));
    const [name = ''] = input.words;
    const entry = await inspectByArguments(tenant.cache, app.queries, name, optional(input, 'args') ?? '{}');
    if (!entry) return { lines: ['No entry is stored'], json: { entry } };
    const { key, state, ageMs, freshForMs, bytes, tags } = entry;
    return {
      lines: [
        `key    ${key}`,
        `state  ${state}, ${secondsOf(ageMs)} old, fresh for ${secondsOf(freshForMs)}, ${bytes} bytes`,
        ...tags.map((tag) => `tag    ${tag.key}${tag.current ? '' : ', which has changed since'}`),
      ],
      json: { entry },
    };
  },
};

function secondsOf(ms: number | null): string {
  return ms === null ? 'unknown time' : `${Math.round(ms / 1000)} s`;
}
