/** A pending value in the journal, and a write that a flush applied before it died. */
import { expect } from 'vitest';
import { listSettings } from '../../../../src/crm/lists/queries.ts';
import { flushWrites } from '../../../../src/platform/cache/index.ts';
import type { StoredPart } from '../part.ts';
import type { StoredWorld } from '../world.ts';
import { READER_ID } from './sessions.ts';

const setUp = (world: StoredWorld, list: string, pageSize: number) =>
  world.within(({ cache }) =>
    cache.writeBehind(listSettings, { userId: READER_ID, list }, { filters: [], columns: ['title'], pageSize }),
  );
const read = (world: StoredWorld, list: string) =>
  world.within(({ cache }) => cache.read(listSettings, { userId: READER_ID, list }));
const flush = (world: StoredWorld) =>
  world.within((_tenant, { redis, system, sealer, store }) =>
    flushWrites({ redis, system, sealer, store }, listSettings),
  );

export const writeBehindPart: StoredPart = {
  name: 'write-behind',
  async record(world) {
    await setUp(world, 'deals', 11);
    world.redisRefuses = (body) => /eval/i.test(body);
    await flush(world).catch(() => undefined);
    world.redisRefuses = undefined;
    await setUp(world, 'tasks', 22);
    return {};
  },
  reads: {
    'readers get the pending value of the journal': async (world) => {
      expect(await read(world, 'deals')).toMatchObject({ pageSize: 11 });
      expect(await read(world, 'tasks')).toMatchObject({ pageSize: 22, columns: ['title'] });
    },
    'a flush applies each pending write once': async (world) => {
      expect(await flush(world)).toEqual({ taken: 2, alreadyApplied: 1 });
      expect(await flush(world)).toEqual({ taken: 0, alreadyApplied: 0 });
      const rows = await world.sql(`SELECT list, settings->>'pageSize' AS size FROM list_settings ORDER BY list`);
      expect(rows).toEqual([
        { list: 'deals', size: '11' },
        { list: 'tasks', size: '22' },
      ]);
    },
  },
};
