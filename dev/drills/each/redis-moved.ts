import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '../../../src/app/env.ts';
import { backUp } from '../../backup/backup.ts';
import { restoreBackup } from '../../backup/restore.ts';
import { backupSealer } from '../../backup/services.ts';
import type { Drill } from '../drill.ts';

export const redisMoved: Drill = {
  name: 'redis-moved',
  says: 'Redis moves to an empty database with `npm run redis:backup` and `redis:restore -- --keep-sessions`.',
  expected: { limit: 'begins again' },
  async breaks(world) {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-drill-'));
    try {
      const sealer = backupSealer(readEnvironment(world.variables));
      const file = join(folder, 'redis.backup');
      await backUp(world.backup(), sealer, file);
      await world.backup().ask('FLUSHALL');
      await restoreBackup(world.backup(), sealer, file, { keepSessions: true });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
