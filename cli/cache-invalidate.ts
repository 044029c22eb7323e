/** `cache invalidate`: ends cached values of a tenant, by tags or by a pattern of keys. */
import { invalidateTags, removeEntries } from '../src/platform/observe/index.ts';
import { type Tag, tag } from '../src/platform/redis/index.ts';
import { type Command, optional, required } from './command.ts';
import { TENANT_OPTION } from './tenant.ts';
import { UsageError } from './usage-error.ts';

export const cacheInvalidate: Command = {
  name: 'cache invalidate',
  summary: 'Ends cached values of a tenant, by tags or by a pattern of keys',
  options: {
    ...TENANT_OPTION,
    tag: {
      type: 'string',
      multiple: true,
      value: 'tag',
      help: 'Such as deals or company:company_01J…; may be repeated',
    },
    soft: { type: 'boolean', help: 'With --tag: serves the old values while they are refreshed' },
    pattern: { type: 'string', value: 'text', help: 'Such as deal-page:*; the scan goes through all keys of Redis' },
  },
  example: 'cache invalidate --tenant acme --tag deals --tag company:company_01M3YDZGQG2PMYT7144XGWJN8B',
  async run(input, place) {
    const tenantId = required(input, 'tenant');
    const pattern = optional(input, 'pattern');
    const tags = tagsOf(input.options['tag']);
    if ((pattern === undefined) === (tags.length === 0)) throw new UsageError('Give either --tag or --pattern');
    const soft = input.options['soft'] === true;
    if (soft && pattern !== undefined) throw new UsageError('--soft needs --tag');
    const services = await (await place.app()).tenant(tenantId);
    if (pattern !== undefined) {
      const entries = await removeEntries(services, pattern);
      return { lines: [`Removed ${entries} entries`], json: { entries } };
    }
    await invalidateTags(services, tags, { soft });
    return { lines: [`Invalidated ${tags.join(', ')}`], json: { tags } };
  },
};

/** The parts of a tag are separated by colons, as in its key. */
function tagsOf(texts: unknown): Tag[] {
  const given = Array.isArray(texts) ? texts.map(String) : [];
  return given.map((text) => {
    const [first = '', ...rest] = text.split(':');
    if (first === '') throw new UsageError('--tag must be a tag, such as deals');
    return tag(first, ...rest);
  });
}
