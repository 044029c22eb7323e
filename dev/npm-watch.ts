/**
 * Ends us with npm. `npm run` starts a shell that starts us, and an npm that is killed outright takes neither along: the
 * ports would stay taken by something that no terminal shows.
 */
import { readFileSync } from 'node:fs';

const EVERY_MS = 500;

/** Calls `gone` once when the npm that started us has ended. Does nothing when npm did not start us. */
export function watchNpm(gone: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const atStart = ancestors();
  const timer = setInterval(() => {
    if (ancestors() === atStart) return;
    clearInterval(timer);
    gone();
  }, EVERY_MS).unref();
}

/** Our parent and, where /proc tells, its parent: an orphan's parent becomes another process. */
function ancestors(): string {
  try {
    const [, fields = ''] = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ');
    return `${process.ppid} ${fields.split(' ')[1]}`;
  } catch {
    return String(process.ppid);
  }
}
