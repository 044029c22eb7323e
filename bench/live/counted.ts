/** Counts the requests and commands at the REST server, with subscriptions as one command each. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RestProcess } from '../servers/rest.ts';
import type { RedisCost } from './measurement.ts';

/** Returns the cost of `work` and of what follows it, until the server has been quiet for 300 ms. */
export async function counted(rest: RestProcess, work: () => Promise<unknown>): Promise<RedisCost> {
  // `hold` makes the server count arrivals.
  await rest.hold();
  await rest.letThrough();
  const before = await untilQuiet(rest);
  await work();
  const after = await untilQuiet(rest);
  await rest.ignore();
  return { requests: after.requests - before.requests, commands: after.commands - before.commands };
}

async function untilQuiet(rest: RestProcess): Promise<RedisCost> {
  for (let last = -1; ; ) {
    const { received, requests, commands } = await rest.status();
    // The server counts the arrival of a subscription, but neither its request nor its command.
    if (received === last) return { requests: received, commands: commands + received - requests };
    last = received;
    await sleep(300);
  }
}

/** Divides a cost evenly. Throws if the cost is not the same for each. */
export function each({ requests, commands }: RedisCost, count: number): RedisCost {
  if (requests % count !== 0 || commands % count !== 0) {
    throw new Error(`${requests} requests and ${commands} commands are not the same for each of ${count}`);
  }
  return { requests: requests / count, commands: commands / count };
}
