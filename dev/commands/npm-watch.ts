/**
 * Ends this process together with npm. `npm run` starts a shell that starts this process. If npm is killed, the shell
 * and this process keep running. Such a process would keep the ports, and no terminal would show it.
 */
import { readFileSync } from 'node:fs';

const EVERY_MS = 500;

/**
 * Calls `gone` once when the npm that started this process has ended. Does nothing if this process was not started by
 * npm.
 */
export function watchNpm(gone: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const atStart = ancestors();
  const timer = setInterval(() => {
    if (ancestors() === atStart) return;
    clearInterval(timer);
    gone();
  }, EVERY_MS).unref();
}

/**
 * Returns the ids of the parent and, if /proc exists, the grandparent. The ids change when the parent ends, because the
 * system then gives the process another parent.
 */
function ancestors(): string {
  try {
    const [, fields = ''] = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ');
    return `${process.ppid} ${fields.split(' ')[1]}`;
  } catch {
    return String(process.ppid);
  }
}
