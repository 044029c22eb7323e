/** Operations that send every script of documents. */
import { expect } from 'vitest';
import { draft } from '../../../src/crm/drafts/routes.ts';
import { preferences } from '../../../src/crm/preferences/document.ts';
import {
  listRedisOnly,
  patchDurable,
  patchRedisOnly,
  readDurable,
  readRedisOnly,
  removeRedisOnly,
} from '../../../src/platform/documents/index.ts';
import type { ReplyWorld } from './reply-world.ts';

/** Returns the operations of documents by name. */
export function documentOperationsOf({ within }: ReplyWorld) {
  return {
    async 'a durable document: its patches, its copy and its fill'() {
      await within(async (scope, tenant) => {
        const id = [scope.system.token()] as const;
        for (const pageSize of [10, 20]) {
          expect(await patchDurable({ scope, tenant }, preferences, id, { pageSize })).toEqual({ pageSize });
          for (let time = 0; time < 2; time += 1) {
            expect(await readDurable({ scope, tenant }, preferences, id)).toEqual({ pageSize });
          }
        }
      });
    },
    async 'a document of Redis alone'() {
      await within(async (scope, tenant) => {
        const owner = scope.system.token();
        const services = { scope, tenant };
        expect(await patchRedisOnly(services, draft, [owner, 'd'], { a: { b: 1 } })).toEqual({ a: { b: 1 } });
        // An empty reply has the shape of a document that has ended.
        expect([{ a: { b: 1 } }, {}, null]).toContainEqual(await readRedisOnly(services, draft, [owner, 'd']));
        expect((await listRedisOnly(services, draft, owner)).filter(({ name }) => name !== 'd')).toEqual([]);
        await removeRedisOnly(services, draft, [owner, 'd']);
      });
    },
  };
}
