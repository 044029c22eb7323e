/**
 * Lua scripts: declared once at module load, sent by digest. The first line lets Upstash lock only the keys a script
 * names instead of the whole database, so every key a script touches must be in KEYS; engines that do not know the
 * flag get the text without that line from the local REST server.
 */
import { createHash } from 'node:crypto';
import type { RedisClient } from './client.ts';
import { RedisError } from './errors.ts';
import type { RedisKey } from './keys.ts';

const KEY_LOCKING = '#!lua flags=allow-key-locking\n';

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
export function script<Result>(name: string, lua: string): Script<Result> {
  const text = KEY_LOCKING + lua.trim();
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
        return await redis.evalsha<string[], Result>(sha1, [...keys], argv);
      } catch (error) {
        if (!(error instanceof RedisError && error.reply === 'NOSCRIPT')) throw error;
      }
    }
    const result = await redis.eval<string[], Result>(text, [...keys], argv);
    sent = true;
    return result;
  }

  return { name, text, sha1, run };
}
