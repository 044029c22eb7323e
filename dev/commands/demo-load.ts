/**
 * `npm run demo:load`: sends the requests of many users to the running `npm run dev`, and reports errors, hit ratio,
 * memory and percentiles. `--users` (1,000) send a request every `--pace` seconds (60) each, for `--minutes` (1). `--seed` repeats the
 * order of the requests. The users share the sessions of the owners of both demo tenants, whose requests the limits of the
 * API let through.
 */
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { demoKeys } from '../../prisma/demo.ts';
import { readEnvironment } from '../../src/app/env.ts';
import { createPlatform } from '../../src/app/platform.ts';
import { openDatabasePool } from '../../src/platform/db/index.ts';
import { createNodeFetch } from '../../src/platform/keep-alive-fetch.ts';
import type { RedisClient } from '../../src/platform/redis/index.ts';
import { messageOf } from '../cloud/errors.ts';
import { findRunning, NoLocalCloudError } from '../cloud/running.ts';
import { reportLines } from '../load/report.ts';
import { requestsOf, runLoad } from '../load/run.ts';
import { figuresBetween, readAnswers } from '../load/server-figures.ts';
import { createTally } from '../load/tally.ts';
import { demoOwners, type Send, signIn } from '../load/visitors.ts';
import { seededRandom } from '../random/seeded.ts';

const USAGE = `npm run demo:load -- [--users 1000] [--minutes 1] [--pace 60] [--seed 1]

Sends a request of each user every --pace seconds to the running \`npm run dev\`, for --minutes minutes, and reports
errors, hit ratio, memory and percentiles. The same --seed repeats the order of the requests.`;

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

try {
  await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const read = readArguments();
  if (read === 'help') return console.log(USAGE);
  const { seed, ...load } = read;
  const running = await findRunning();
  if (running === undefined) throw new NoLocalCloudError('Start `npm run dev` first');
  const environment = readEnvironment({ ...running, ...process.env });
  const pool = openDatabasePool({ connectionString: environment.DATABASE_URL });
  const scope = createPlatform({ environment, pool, fetch: createNodeFetch() }).scope();
  const { APP_URL } = environment;
  const send: Send = (path, init) => fetch(new URL(path, APP_URL), init);
  /** Waits until the counts of all earlier requests are in Redis: after the interval, a request carries them. */
  const settle = async () => {
    await wait(environment.COUNTERS_FLUSH_MS);
    await (await send('/users?limit=1', { headers: { authorization: `Bearer ${demoKeys.acme}` } })).arrayBuffer();
    await wait(1_000);
  };
  try {
    const visitors = [];
    // The report is about the load alone, so the requests of the sign-ins have a tally of their own.
    const signIns = createTally(() => performance.now());
    for (const owner of demoOwners) {
      visitors.push(await signIn({ send, origin: new URL(APP_URL).origin, tally: signIns }, owner));
    }
    await settle();
    const before = await readAnswers(scope);
    const memoryBefore = await usedMemory(scope.redis);
    const tally = createTally(() => performance.now());
    console.log(`${load.users} users, a request every ${load.pace} s, ${load.minutes} min, seed ${seed}`);
    const bar = new SingleBar({ format: '{bar} {value} of {total} answers', hideCursor: true, noTTYOutput: true });
    bar.start(requestsOf(load), 0);
    const result = await runLoad(load, {
      ...{ visitors, tally, wait },
      random: seededRandom(seed),
      now: () => performance.now(),
      onProgress: (answers) => bar.update(answers),
    });
    bar.stop();
    await settle();
    const server = figuresBetween(before, await readAnswers(scope), tally.routes.keys());
    const memory = { before: memoryBefore, after: await usedMemory(scope.redis) };
    console.log(reportLines(tally.routes, result, server, memory).join('\n'));
  } finally {
    await scope.end();
    await pool.close();
  }
}

function readArguments() {
  const { help, ...values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      users: { type: 'string', default: '1000' },
      minutes: { type: 'string', default: '1' },
      pace: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
    },
  }).values;
  if (help) return 'help' as const;
  const whole = (name: keyof typeof values, least: number): number => {
    const text = values[name];
    if (!/^\d{1,7}$/.test(text) || Number(text) < least)
      throw new Error(`--${name} ${text} is not a whole number from ${least}`);
    return Number(text);
  };
  return { users: whole('users', 1), minutes: whole('minutes', 1), pace: whole('pace', 1), seed: whole('seed', 0) };
}

/** Returns the memory in use of Redis, in bytes; `null` if Redis does not tell. */
async function usedMemory(redis: RedisClient): Promise<number | null> {
  const info = await redis.exec<string>(['INFO', 'memory']);
  const [, bytes] = /used_memory:(\d+)/.exec(info) ?? [];
  return bytes === undefined ? null : Number(bytes);
}
