/**
 * Starts one local cloud for all suites of a run and provides its addresses. `REDIS_URL` and `DATABASE_URL` replace the
 * embedded servers by real ones; CI runs the suites again in this way. After the last suite, the log of all suites is
 * searched for secrets; a finding fails the run.
 */
import type { TestProject } from 'vitest/node';
import { applicationDatabase } from '../../dev/cloud/database-setup.ts';
import { type LocalCloud, startLocalCloud } from '../../dev/cloud/local-cloud.ts';
import { LOCAL_SECRETS } from '../../dev/cloud/secrets.ts';
import { demoKeys } from '../../prisma/demo.ts';
import { createLogDirectory, readLogRecord, removeLogDirectory } from './log-directory.ts';
import { describeFindings, type KnownSecret, scanLog } from './log-scan.ts';
import { SEED_TIME } from './seed-time.ts';
import { recordUsedCommands } from './used-commands.ts';

export type CloudAddresses = Pick<LocalCloud, 'redis' | 'postgres' | 'qstash' | 'mail'> & {
  /** `token` has the rights of the app only; `adminToken`, for the commands of a test itself, has all rights. */
  redisRest: { url: string; token: string; adminToken: string };
  demoKey: string;
  demo: { email: string; password: string };
};

/** The parts of a cloud that an app needs. */
export type AppCloud = Pick<LocalCloud, 'redisRest' | 'postgres' | 'qstash' | 'mail'>;

declare module 'vitest' {
  export interface ProvidedContext {
    cloud: CloudAddresses;
    /** The directory in which suites record their logs; see `log-record.ts`. */
    logDirectory: string;
  }
}

/** Each project of Vitest loads this file by itself; the shared state is on the global object common to all. */
const shared = globalThis as {
  holdfastTestCloud?: { cloud: Promise<LocalCloud>; logDirectory: string; users: number };
};

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.holdfastTestCloud ??= { cloud: start(), logDirectory: createLogDirectory(), users: 0 };
  const { holdfastTestCloud: running } = shared;
  running.users += 1;
  const { redis, redisRest, postgres, qstash, mail, demoKey, demo } = await running.cloud;
  if (demoKey === null || demo === null) throw new Error('The local cloud was started without its demo data');
  const { url, token: adminToken, appToken: token } = redisRest;
  if (token === undefined) throw new Error('The local cloud was started without a user of Redis for the app');
  project.provide('cloud', { redis, redisRest: { url, token, adminToken }, postgres, qstash, mail, demoKey, demo });
  project.provide('logDirectory', running.logDirectory);
  return async () => {
    running.users -= 1;
    if (running.users > 0) return;
    const codes = await mailedCodes(mail.url);
    const { redis, close } = await running.cloud;
    if (process.env['REDIS_URL']) await recordUsedCommands(redis.url);
    await close();
    const { lines, secrets } = readLogRecord(running.logDirectory);
    removeLogDirectory(running.logDirectory);
    const { appToken = '' } = (await running.cloud).redisRest;
    const appUser = { kind: 'token of the app’s user of Redis', secret: appToken };
    const findings = scanLog(lines, [...secrets, ...codes, ...localSecrets(), appUser]);
    if (findings.length > 0) throw new Error(describeFindings(findings));
  };
}

/** All mailed codes. */
async function mailedCodes(mailbox: string): Promise<KnownSecret[]> {
  const messages = (await (await fetch(`${mailbox}/messages`)).json()) as { text?: string }[];
  return messages.flatMap(({ text = '' }) =>
    [...text.matchAll(/\b\d{8}\b/g)].map(([secret]) => ({ kind: 'code', secret })),
  );
}

function localSecrets(): KnownSecret[] {
  const secrets = [
    ...Object.values(LOCAL_SECRETS),
    ...Object.values(demoKeys).map((key) => key.split('_').at(-1) ?? ''),
  ];
  return secrets.map((secret) => ({ kind: 'secret of the local cloud', secret }));
}

function start(): Promise<LocalCloud> {
  const redisUrl = process.env['REDIS_URL'];
  const databaseUrl = process.env['DATABASE_URL'];
  return startLocalCloud({
    application: applicationDatabase,
    seedTime: SEED_TIME,
    ...(redisUrl ? { redisUrl } : {}),
    ...(databaseUrl ? { databaseUrl } : {}),
  });
}
