/** Configurations whose variables are valid one by one, but that are not safe for a deployment. */

/** A problem of one variable. Neither part contains the value. */
export interface VariableProblem {
  variable: string;
  problem: string;
}

/** Thrown if configuration is missing or wrong. The message names the variables. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly code = 'ENV_INVALID';
  readonly problems: readonly VariableProblem[];

  constructor(problems: readonly VariableProblem[]) {
    const texts = problems.map(({ variable, problem }) => `${variable}: ${problem}`);
    super(`The environment is not usable. ${texts.join('; ')}`);
    this.problems = problems;
  }
}

const KEY_RINGS = ['AUTH_KEYS', 'SEAL_KEYS', 'AUDIT_SIGNING_KEYS'] as const;
const QSTASH_KEYS = ['QSTASH_CURRENT_SIGNING_KEY', 'QSTASH_NEXT_SIGNING_KEY'] as const;
const ADDRESSES = [
  ...(['UPSTASH_REDIS_REST_URL', 'QSTASH_URL', 'APP_URL', 'JOBS_URL', 'MAIL_URL', 'AUDIT_ANCHOR_URL'] as const),
];

/** The variables that the checks read. */
interface Checked
  extends Partial<
    Record<(typeof KEY_RINGS)[number] | (typeof QSTASH_KEYS)[number] | (typeof ADDRESSES)[number], string | undefined>
  > {
  HOLDFAST_MODE: 'local' | 'production';
}

type Messages = 'shown' | 'redacted';

/** Refuses `shown` outside local mode: messages can quote data of users, which every reader of the logs would see. */
export function refuseShownMessages<Variables extends Checked & { ERROR_MESSAGES?: Messages | undefined }>(
  checked: Variables,
): Variables & { ERROR_MESSAGES: Messages } {
  const { HOLDFAST_MODE: mode, ERROR_MESSAGES: messages = mode === 'local' ? 'shown' : 'redacted' } = checked;
  if (mode === 'local' || messages === 'redacted') return { ...checked, ERROR_MESSAGES: messages };
  throw new EnvironmentError([
    { variable: 'ERROR_MESSAGES', problem: 'must be redacted unless HOLDFAST_MODE is local' },
  ]);
}

/**
 * QStash's signing keys for development. The source of QStash's SDK contains these keys, and the local cloud signs with
 * them.
 */
const PUBLIC_SIGNING_KEYS = ['sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r', 'sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs'];

/** Refuses the keys of the local cloud. The source of the local cloud contains these keys, so they protect nothing. */
export function refuseLocalSecrets<Variables extends Checked>(environment: Variables): Variables {
  if (environment.HOLDFAST_MODE === 'local') return environment;
  for (const name of KEY_RINGS) {
    if (environment[name]?.split(',').some((key) => key.startsWith('local'))) {
      const problem =
        'must not contain a key of the local cloud (an id that begins with "local"), because it is public';
      throw new EnvironmentError([{ variable: name, problem }]);
    }
  }
  for (const name of QSTASH_KEYS) {
    if (PUBLIC_SIGNING_KEYS.includes(environment[name] ?? '')) {
      const problem = "must not be QStash's key for development, because it is public";
      throw new EnvironmentError([{ variable: name, problem }]);
    }
  }
  return environment;
}

/** Refuses URLs without TLS, because tokens and records are sent to all of these URLs. */
export function refusePlainAddresses<Variables extends Checked>(environment: Variables): Variables {
  if (environment.HOLDFAST_MODE === 'local') return environment;
  const plain = ADDRESSES.filter((name) => environment[name]?.startsWith('http:'));
  if (plain.length === 0) return environment;
  const problem = 'must begin with https:// unless HOLDFAST_MODE is local';
  throw new EnvironmentError(plain.map((variable) => ({ variable, problem })));
}
