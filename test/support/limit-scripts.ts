/** The Redis commands of the scripts of @upstash/ratelimit that the limits run. */
import { Ratelimit } from '@upstash/ratelimit';

/** Runs each algorithm of the limits with a client that records the script, and returns the commands in the scripts. */
export async function libraryCommands(): Promise<Set<string>> {
  const scripts: string[] = [];
  const redis = {
    evalsha: async () => {
      throw new Error('NOSCRIPT');
    },
    eval: async (script: string) => {
      scripts.push(script);
      return [0, 0, 0];
    },
    get: async () => null,
    set: async () => null,
  };
  const { slidingWindow, fixedWindow, tokenBucket } = Ratelimit;
  for (const limiter of [slidingWindow(1, '1 s'), fixedWindow(1, '1 s'), tokenBucket(1, '1 s', 1)]) {
    const options = { ephemeralCache: false, timeout: 0, analytics: false, enableTelemetry: false } as const;
    await new Ratelimit({ ...options, redis: redis as never, limiter }).limit('one');
  }
  const calls = scripts.flatMap((script) => [...script.matchAll(/redis\.call\(\s*["'](\w+)["']/gi)]);
  return new Set(calls.map(([, name = '']) => name.toUpperCase()));
}
