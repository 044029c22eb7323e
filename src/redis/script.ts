/**
 * Lua scripts: declared once at module load, sent by digest. The first line lets Upstash lock only the keys a script
 * names instead of the whole database, so every key a script touches must be in KEYS; engines that do not know the
 * flag get the text without that line from the local REST server.
 */
import { createHash } from 'node:crypto';
import type { RedisClient } from './client.ts';
import { RedisError } from './errors.ts';
import type { RedisKey } from './keys.ts';

/** Settings of a {@link Script}. */
export interface ScriptOptions<Result> {
  /**
   * Lets a full Redis run the script (flag `allow-oom`). Only for a script that frees memory or ends something: it must
   * not need more memory than it releases. An engine that does not know the flag refuses as before, so correctness must
   * not rest on it.
   */
  allowOom?: boolean;
  /**
   * Whether a reply has the shape that the script returns for these keys. A reply of another shape is a
   * {@link RedisError} with the code `REDIS_REPLY`: the script may have run.
   */
  isReply(reply: unknown, keys: readonly RedisKey[]): reply is Result;
}

/** A Lua script and the typed way to run it. */
export interface Script<Result> {
  readonly name: string;
  readonly text: string;
  readonly sha1: string;
  /**
   * Runs the script: one command, by digest once this isolate has sent the text. A server that forgot the script
   * (`NOSCRIPT`: nothing ran) is sent the text again, which costs one more command that one time.
   * @throws {RedisError}
   */
  run(redis: RedisClient, keys: readonly RedisKey[], args: readonly (string | number)[]): Promise<Result>;
}

/** Declares a script. `lua` should open with a comment naming every KEYS and ARGV, the result and the invariant. */
export function script<Result>(name: string, lua: string, options: ScriptOptions<Result>): Script<Result> {
  const { allowOom = false, isReply } = options;
  const flags = allowOom ? 'allow-key-locking,allow-oom' : 'allow-key-locking';
  const text = `#!lua flags=${flags}\n${lua.trim()}`;
  const sha1 = createHash('sha1').update(text).digest('hex');
  // True once this isolate has sent the text: sending it first, rather than asking for the digest and being told
  // NOSCRIPT, makes the first run cost one request like every other.
  let sent = false;

  async function run(redis: RedisClient, keys: readonly RedisKey[], args: readonly (string | number)[]) {
    if (keys.length === 0 || new Set(keys).size !== keys.length || keys.some((each) => String(each) === '')) {
      throw new RedisError('REDIS_KEY', `Script ${name} needs distinct, non-empty keys`);
    }
    const argv = args.map(String);
    if (sent) {
      try {
        return checked(redis, await redis.evalsha<string[], unknown>(sha1, [...keys], argv), keys);
      } catch (error) {
        if (!(error instanceof RedisError && error.reply === 'NOSCRIPT')) throw error;
      }
    }
    const result = await redis.eval<string[], unknown>(text, [...keys], argv);
    sent = true;
    return checked(redis, result, keys);
  }

  function checked(redis: RedisClient, reply: unknown, keys: readonly RedisKey[]): Result {
    if (isReply(reply, keys)) return reply;
    throw redis.unexpectedReply(name);
  }

  const made: Script<Result> = { name, text, sha1, run };
  declared.set(name, made);
  return made;
}

const declared = new Map<string, Pick<Script<unknown>, 'name' | 'text' | 'sha1'>>();

/** Every script that the loaded modules declare, by name. */
export function declaredScripts(): ReadonlyMap<string, Pick<Script<unknown>, 'name' | 'text' | 'sha1'>> {
  return declared;
}
