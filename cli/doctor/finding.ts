/** The result of one check of `doctor`. */

/** A result: `failed` makes the command exit with 1, `warning` does not. */
export interface Finding {
  /** The checked part: `environment`, `redis`, `postgres`, `qstash` or `app`. */
  part: 'environment' | 'redis' | 'postgres' | 'qstash' | 'app';
  outcome: 'ok' | 'warning' | 'failed';
  /** Never has the value of a variable. */
  text: string;
  /** How to correct it. */
  cure?: string;
}

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** The longest wait for a server, in ms. */
export const PATIENCE_MS = 5_000;

const WARN_SKEW_MS = 2_000;
const MOST_SKEW_MS = 30_000;

/**
 * Compares the clock of a server with the clock of this machine.
 * @param serverNow the server's time, in ms since the epoch.
 * @param began when the question was sent, and `ended` when the answer had arrived, in ms since the epoch. The server read
 * its clock at some time between the two.
 */
export function clockFinding(
  part: Finding['part'],
  serverNow: number,
  { began, ended }: { began: number; ended: number },
): Finding {
  const skew = serverNow > ended ? serverNow - ended : Math.min(0, serverNow - began);
  const size = Math.abs(skew);
  if (size < WARN_SKEW_MS) return { part, outcome: 'ok', text: 'its clock agrees with the clock of this machine' };
  return {
    part,
    outcome: size < MOST_SKEW_MS ? 'warning' : 'failed',
    text: `its clock is ${Math.round(size / 1000)} s ${skew > 0 ? 'ahead of' : 'behind'} the clock of this machine`,
    cure: 'Turn on time synchronization (NTP) on this machine; a managed server is rarely wrong',
  };
}

/** Returns the reason of a failed request in a few words, without the URL. */
export function reasonOf(error: unknown): string {
  const { name, code, cause } = Object(error) as { name?: unknown; code?: unknown; cause?: unknown };
  if (name === 'TimeoutError') return `no answer within ${PATIENCE_MS / 1000} s`;
  if (typeof code === 'string') return code;
  return cause === undefined ? 'no connection' : reasonOf(cause);
}
