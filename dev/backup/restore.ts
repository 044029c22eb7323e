/**
 * Restores a backup. A key that Redis has stays as it is, because it is newer. The sessions of all tenants end, unless
 * the operator keeps them, and a new era ends all cached values.
 */
import type { Sealer } from '../../src/platform/redis/index.ts';
import { natureOf } from '../../src/platform/redis/nature.ts';
import { createKey, type SavedKey } from '../saved/keys.ts';
import { endAllSessions } from './end-sessions.ts';
import { readBackup, readTakenAt } from './file.ts';
import { type BackupServices, startEra } from './services.ts';

/**
 * The greatest age of a backup whose journals are restored, in ms: the database remembers for a day which writes it has,
 * and would apply older ones again, over newer rows.
 */
const JOURNALS_MS = 23 * 3_600_000;

/** The result of a restore, in keys. */
export interface Restored {
  restored: number;
  /** Keys that Redis has. */
  kept: number;
  /** Keys whose time is over, or whose nature is not restored. */
  leftOut: number;
  /** The tenants whose sessions have ended. */
  ended: number;
}

/**
 * Restores a backup. The file is checked to its end before the first write.
 * @param options.keepSessions restores sessions, also those that were revoked since the backup.
 * @throws {BackupFileError} if the file is not a whole backup of these SEAL_KEYS. {RestError} if Redis does not answer:
 * repeat the restore.
 */
export async function restoreBackup(
  services: BackupServices,
  sealer: Sealer,
  file: string,
  { keepSessions }: { keepSessions: boolean },
): Promise<Restored> {
  const { ask, system } = services;
  const result: Restored = { restored: 0, kept: 0, leftOut: 0, ended: 0 };
  const sessions: string[] = [];
  for await (const keys of readBackup(file, sealer)) {
    for (const { key } of keys) if (natureOf(key.toString()) === 'session') sessions.push(key.toString());
  }
  const hasJournals = system.now() - (await readTakenAt(file)) < JOURNALS_MS;
  const isRestored = ({ key, endsAt }: SavedKey) => {
    const nature = natureOf(key.toString());
    if (endsAt !== null && endsAt <= system.now()) return false;
    return nature === 'session' ? keepSessions : nature !== 'journal' || hasJournals;
  };
  for await (const keys of readBackup(file, sealer)) {
    const wanted = keys.filter(isRestored);
    const exist = await Promise.all(wanted.map(({ key }) => ask('EXISTS', key)));
    const absent = wanted.filter((_key, at) => exist[at] === 0);
    await Promise.all(absent.map((key) => createKey(ask, key, system.now())));
    result.restored += absent.length;
    result.kept += wanted.length - absent.length;
    result.leftOut += keys.length - wanted.length;
  }
  if (!keepSessions) result.ended = await endAllSessions(services, sessions);
  await startEra(services);
  return result;
}
