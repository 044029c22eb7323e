/**
 * `npm run qstash`: starts the QStash emulator alone, prints its address (as text, then as one line of JSON for
 * programs) and runs until Ctrl-C. With `--still` the emulator's clock moves only when a request moves it, so tests
 * over HTTP are repeatable.
 */
import { parseArgs } from 'node:util';
import { messageOf } from '../cloud/errors.ts';
import { listenOnFreePort, readPort } from '../cloud/ports.ts';
import { LOCAL_SECRETS } from '../cloud/secrets.ts';
import { runningClock, testClock } from '../qstash/clock.ts';
import { movedHint, sdkDevPort } from '../qstash/sdk-dev-mode.ts';
import { startQstash } from '../qstash/server.ts';
import { watchNpm } from './npm-watch.ts';

const { promise: ended, resolve: end } = Promise.withResolvers<void>();
process.once('SIGINT', end);
process.once('SIGTERM', end);
watchNpm(end);

try {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, still: { type: 'boolean' } },
  });
  const port = values.port === undefined ? sdkDevPort(process.env['QSTASH_DEV_PORT']) : readPort(values.port);
  const {
    QSTASH_TOKEN: token = LOCAL_SECRETS.qstashToken,
    QSTASH_CURRENT_SIGNING_KEY: current = LOCAL_SECRETS.currentSigningKey,
    QSTASH_NEXT_SIGNING_KEY: next = LOCAL_SECRETS.nextSigningKey,
  } = process.env;
  const log = (line: string): void => console.log(line);
  const clock = values.still === true ? testClock(Date.now()) : runningClock();
  const qstash = await listenOnFreePort('qstash', { port, log, hint: movedHint }, (free) =>
    startQstash({ port: free, token, keys: { current, next }, clock, log }),
  );
  console.log(`\n  QStash  ${qstash.url}\n  Page    ${qstash.url}/_emulator\n\n  Ctrl-C stops it.\n`);
  console.log(
    JSON.stringify({ ready: true, url: qstash.url, token, currentSigningKey: current, nextSigningKey: next }),
  );
  await ended;
  await qstash.close();
  process.exit(0);
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}
