/** Documents: a durable one with its copy in Redis, and one of Redis alone with the names of its owner's documents. */
import { expect } from 'vitest';
import { draft } from '../../../../src/crm/drafts/routes.ts';
import { preferences } from '../../../../src/crm/preferences/document.ts';
import {
  listRedisOnly,
  patchDurable,
  patchRedisOnly,
  readDurable,
  readRedisOnly,
} from '../../../../src/platform/documents/index.ts';
import type { StoredPart } from '../part.ts';

const OWNER = 'user_stored_writer';
const CONTENT = { title: 'Zoë', lines: [1, { two: null }] };

export const documentsPart: StoredPart = {
  name: 'documents',
  async record(world) {
    await world.within(async (tenant, scope) => {
      const services = { scope, tenant };
      await patchDurable(services, preferences, [OWNER], { pageSize: 20 });
      await readDurable(services, preferences, [OWNER]);
      await patchRedisOnly(services, draft, [OWNER, 'mail'], CONTENT);
    });
    return {};
  },
  reads: {
    'a durable document is read from its copy, without a statement': (world) =>
      world.within(async (tenant, scope) => {
        expect(await readDurable({ scope, tenant }, preferences, [OWNER])).toEqual({ pageSize: 20 });
        expect(scope.database.meter.queries).toBe(0);
      }),
    'a document of Redis alone is read, listed and patched': (world) =>
      world.within(async (tenant, scope) => {
        const services = { scope, tenant };
        expect(await readRedisOnly(services, draft, [OWNER, 'mail'])).toEqual({ title: 'Zoë', lines: CONTENT.lines });
        expect((await listRedisOnly(services, draft, OWNER)).map(({ name }) => name)).toEqual(['mail']);
        expect(await patchRedisOnly(services, draft, [OWNER, 'mail'], { title: null })).toEqual({
          lines: CONTENT.lines,
        });
      }),
  },
};
