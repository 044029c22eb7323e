/** Chromium on this machine: the path in `CHROMIUM`, or the usual paths of Linux distributions and macOS. */
import { existsSync } from 'node:fs';

const PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Returns the path of Chromium; undefined without one, after one line with the reason.
 * @throws {Error} without Chromium, if `BROWSER_TESTS` is `required`.
 */
export function findChromium(environment: NodeJS.ProcessEnv = process.env, paths = PATHS): string | undefined {
  const { CHROMIUM, BROWSER_TESTS } = environment;
  const found = (CHROMIUM ? [CHROMIUM] : paths).find((path) => existsSync(path));
  if (found !== undefined) return found;
  const reason = `there is no Chromium at ${CHROMIUM ?? 'the usual paths; CHROMIUM names another one'}`;
  if (BROWSER_TESTS === 'required') throw new Error(`The browser tests cannot run: ${reason}`);
  console.log(`The browser tests are left out: ${reason}.`);
  return undefined;
}
