/** The process of the REST server, which can hold requests back and release them together, to count round trips. */
import type { Verdict } from '../../dev/redis-rest/intercept.ts';
import { startRedisRest } from '../../dev/redis-rest/server.ts';
import { serveParent } from './child.ts';

await serveParent(async ({ redisUrl, token }: { redisUrl: string; token: string }) => {
  const rest = await startRedisRest({ redisUrl, token });
  let received = 0;
  let holding = false;
  let held: ((verdict: Verdict) => void)[] = [];
  const release = (): void => {
    const waiting = held;
    held = [];
    for (const go of waiting) go('pass');
  };
  const intercept = (): Promise<Verdict> => {
    received += 1;
    return new Promise((resolve) => {
      if (holding) held.push(resolve);
      else resolve('pass');
    });
  };
  const status = () => ({ ...rest.counts(), received, held: held.length });
  return {
    ready: { url: rest.url },
    answer(question) {
      // `ignore` removes the interceptor, so that counting does not affect the speed.
      if (question === 'hold') {
        rest.intercept = intercept;
        holding = true;
      } else if (question === 'let through') {
        holding = false;
        release();
      } else if (question === 'release') release();
      else if (question === 'ignore') rest.intercept = undefined;
      return status();
    },
    close: () => rest.close(),
  };
});
