/**
 * `once()` executes a request only once. A caller that has lost the answer sends the request again, and gets the answer
 * of the first call. A call during the first call must try again later. A call with a different request under the same
 * id is refused.
 */
import { createHash } from 'node:crypto';
import { type Duration, milliseconds } from '../duration.ts';
import {
  decode,
  type Encoding,
  encode,
  isEither,
  isInteger,
  isOneOf,
  isText,
  isTuple,
  key,
  type RedisKey,
  type Sealer,
  script,
} from '../redis/index.ts';
import type { LockServices } from './with-lock.ts';

/** The outcome of a call. */
export type OnceResult<Result> =
  /** `work` ran in this call. */
  | { kind: 'done'; result: Result }
  /** `work` did not run: `result` is the result of an earlier call. */
  | { kind: 'repeated'; result: Result }
  /** An earlier call has ended, but its result was sealed with a key that does not exist any more. */
  | { kind: 'unreadable' }
  /** An earlier call is still running, for at most `retryAfterMs`. */
  | { kind: 'running'; retryAfterMs: number }
  /** The id was used for a different request. */
  | { kind: 'mismatch' };

const beginScript = script<[string, string, string | number]>(
  'once.begin',
  `
-- Begins a call, or returns the outcome of an earlier call with the same id, and the fingerprint of its request.
-- KEYS[1] the call
-- ARGV[1] token of the caller  ARGV[2] fingerprint of the request  ARGV[3] life of the lease in ms
-- Returns {'begun', '', ''}, {'running', fingerprint, ms until the lease ends} or {'done', fingerprint, result}.
-- Keeps: one call runs at a time; while Redis remembers a finished call, the call does not run again.
local call, token, request, lease = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local known = redis.call('GET', call)
if not known then
  redis.call('SET', call, 'r ' .. request .. ' ' .. token, 'PX', lease)
  return {'begun', '', ''}
end
local state, fingerprint, rest = string.match(known, '^(%a) (%S+) (.*)$')
if state == 'd' then return {'done', fingerprint, rest} end
if rest == token then return {'begun', '', ''} end
return {'running', fingerprint, redis.call('PTTL', call)}
`,
  {
    isReply: isEither(
      isTuple(isOneOf('begun', 'done'), isText, isText),
      isTuple(isOneOf('running'), isText, isInteger),
    ),
  },
);

const endScript = script<number>(
  'once.end',
  `
-- Ends a call: stores its result, or deletes the call if there is no result to store.
-- KEYS[1] the call
-- ARGV[1] token of the caller  ARGV[2] fingerprint of the request  ARGV[3] result, or '' to delete the call
-- ARGV[4] how long the result is stored, in ms
-- Returns 1, or 0 if another caller has taken over the call meanwhile.
local call, token, request, result, rememberMs = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('GET', call) ~= 'r ' .. request .. ' ' .. token then return 0 end
if result == '' then return redis.call('DEL', call) end
redis.call('SET', call, 'd ' .. request .. ' ' .. result, 'PX', rememberMs)
return 1
`,
  // The script may run in a full Redis. Otherwise the end of a call could not be stored, and the call would run again.
  { allowOom: true, isReply: isOneOf(0, 1) },
);

/** The identity of a call, and how long its result is remembered. */
export interface OnceOptions {
  /** The id of a call, e.g. the caller's Idempotency-Key. Equal ids of two tenants are different calls. */
  id: readonly string[];
  /** Everything that must be the same in a repeated call: method, path, body. */
  request: readonly (string | Uint8Array)[];
  /** How long the result is remembered. Default 24 h. */
  remember?: Duration;
  /** How long a call may run before another call may take over. Default 30 s. */
  lease?: Duration;
  /**
   * Seals the result, binds it to the key of the call, and keys the fingerprint of the request. Without a sealer, the
   * result is readable in Redis, and a short request can be guessed from its digest.
   */
  sealer?: Sealer;
}

/** The setting that decides which results Redis remembers. */
interface Remembering<Result> {
  /** Returns whether Redis remembers a result. A call that is not remembered may be repeated. Default: `true`. */
  isFinal?(result: Result): boolean;
}

/**
 * Runs `work`, unless the same call was made before. 2 requests, 2 commands; 1 request, 1 command for a repeated call.
 * A call that throws, or whose result is not final, is not remembered and may be made again.
 * @throws {RedisError} if Redis did not answer at the start; then `work` has not run.
 * @throws the error of `work`.
 */
export async function once<Result>(
  { redis, system, tenant }: Pick<LockServices, 'redis' | 'system' | 'tenant'>,
  options: OnceOptions & Remembering<Result>,
  work: () => Promise<Result>,
): Promise<OnceResult<Result>> {
  const { sealer } = options;
  const call = key(tenant, 'once', ...options.id);
  const fingerprints = await fingerprintsOf(options.request, tenant, sealer);
  const [fingerprint] = fingerprints;
  const token = system.token();
  const leaseMs = milliseconds(options.lease ?? '30s');
  const [answer, known, detail] = await beginScript.call(redis, [call], [token, fingerprint, leaseMs]);
  if (answer !== 'begun' && !fingerprints.includes(known)) return { kind: 'mismatch' };
  if (answer === 'running') return { kind: 'running', retryAfterMs: Math.max(0, Number(detail)) };
  if (answer === 'done') {
    const text = sealer ? await sealer.open(String(detail), contextOf(call)) : String(detail);
    if (text === null) return { kind: 'unreadable' };
    const result = decode({ encoding: text.charAt(0) as Encoding, text: text.slice(1) }) as Result;
    return { kind: 'repeated', result };
  }

  const end = (result: string) =>
    endScript.call(redis, [call], [token, fingerprint, result, milliseconds(options.remember ?? '1d')]);
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    await end('').catch(() => undefined);
    throw error;
  }
  // `work` has finished, so the call must not fail if the result cannot be stored. In that case a repeated call runs
  // `work` again when the lease has ended.
  await end(await remembered()).catch(() => undefined);
  return { kind: 'done', result };

  async function remembered(): Promise<string> {
    if (options.isFinal?.(result) === false) return '';
    const { encoding, text } = encode(result);
    return sealer ? sealer.seal(`${encoding}${text}`, contextOf(call)) : `${encoding}${text}`;
  }
}

/**
 * Returns the fingerprints of a request. The first one is stored, and shows nothing of the request: it is an HMAC, keyed
 * by the tenant and the current key of the sealer. A stored fingerprint that equals another one is of the same request: it
 * was made with an older key, or without a key by an earlier release. Without a sealer, the only one is the SHA-256.
 */
export async function fingerprintsOf(
  request: readonly (string | Uint8Array)[],
  tenant: string,
  sealer?: Pick<Sealer, 'digests'>,
): Promise<[string, ...string[]]> {
  const plain = digestOf(request);
  const [current, ...older] = sealer ? await sealer.digests(plain, ['request', tenant]) : [];
  return current === undefined ? [plain] : [current, ...older, plain];
}

/**
 * Returns the SHA-256 of all parts, each preceded by its length, so that different requests have different digests. A
 * text is hashed as UTF-8. UTF-8 cannot represent a lone surrogate (half of a pair), so all lone surrogates are equal.
 */
function digestOf(request: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of request) {
    const bytes = typeof part === 'string' ? new TextEncoder().encode(part) : part;
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest('base64url');
}

/** Returns the context to which the seal of a result is bound: the full key of the call. */
function contextOf(call: RedisKey): string[] {
  return ['once', call];
}
