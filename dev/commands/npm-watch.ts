/**
 * Ends this process together with npm. `npm run` starts a shell that starts this process; if npm is killed, the shell
 * and this process keep running, and a process that no terminal shows would keep the ports.
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

/** Returns the ids of the parent and, if /proc exists, the grandparent: an orphan gets another parent. */
function ancestors(): string {
  try {
    const [, fields = ''] = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ');
    return `${process.ppid} ${fields.split(' ')[1]}`;
  } catch {
    return String(process.ppid);
  }
}
