/** Operations that send the scripts of filters and of long loads. */
import { expect } from 'vitest';
import { createFilter, sizeFor } from '../../../src/platform/cache/bloom.ts';
import { addMembers, beginRebuild, mayHave, publishRebuild } from '../../../src/platform/cache/filter-commands.ts';
import { renewLeases } from '../../../src/platform/cache/hold-lease.ts';
import { key } from '../../../src/platform/redis/index.ts';
import type { ReplyWorld } from './reply-world.ts';

/** Returns the operations by name. */
export function cacheOperationsOf({ within }: ReplyWorld) {
  return {
    async 'a filter: its rebuild, a member, a look-up'() {
      await within(async ({ redis, system }) => {
        const name = `reply-${system.token()}`;
        const size = sizeFor(10);
        const token = await beginRebuild(redis, name, size, system.token().slice(0, 8));
        const filter = createFilter(size);
        filter.add('before');
        await publishRebuild(redis, name, token, filter.toText(token));
        await addMembers(redis, name, size, ['after']);
        for (const member of ['before', 'after']) expect(await mayHave(redis, name, size, member)).toBe(true);
      });
    },
    async 'a longer life of a lease that was lost'() {
      await within(async ({ redis, system }, { tenant }) => {
        const held = { key: key(tenant, 'lease', system.token()), lease: '' };
        expect(await renewLeases(redis, [held])).toBeTypeOf('number');
      });
    },
  };
}
