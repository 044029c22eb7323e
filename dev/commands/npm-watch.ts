/**
 * Ends this process together with npm. `npm run` starts a shell that starts this process; if npm is killed, both keep
 * running, and the ports would stay taken by a process that no terminal shows.
 */
import { readFileSync } from 'node:fs';

const EVERY_MS = 500;

/** Calls `gone` once when the npm that started this process has ended. Does nothing if npm did not start it. */
export function watchNpm(gone: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const atStart = ancestors();
  const timer = setInterval(() => {
    if (ancestors() === atStart) return;
    clearInterval(timer);
    gone();
  }, EVERY_MS).unref();
}

/** Our parent and, if /proc shows it, its parent: an orphan's parent becomes another process. */
function ancestors(): string {
  try {
    const [, fields = ''] = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ');
    return `${process.ppid} ${fields.split(' ')[1]}`;
  } catch {
    return String(process.ppid);
  }
}
