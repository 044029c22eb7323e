/**
 * Lua scripts: declared once at module load, and sent by digest. The flag in the first line lets Upstash lock only
 * the keys in KEYS instead of the whole database, so KEYS must contain every key that a script uses. The local REST
 * server removes the flag for engines that do not know it.
 */
import { createHash } from 'node:crypto';
import type { RedisClient } from './client.ts';
import { nameScript } from './commands.ts';
import { RedisError } from './errors.ts';
import type { RedisKey } from './keys.ts';

/** Settings of a {@link Script}. */
export interface ScriptOptions<Result> {
  /**
   * Lets a full Redis run the script (flag `allow-oom`). Use this only for a script that frees memory, or that ends an
   * entry, a lease or a session: the script must not need more memory than it releases. A server that does not know the
   * flag receives the script without it. Such a server still refuses the script when it is full, so correctness must
   * not depend on the flag.
   */
  allowOom?: boolean;
  /**
   * Returns whether a reply has the shape that the script returns for these keys. A reply of another shape causes a
   * {@link RedisError} with the code `REDIS_REPLY`: the script may have run.
   */
  isReply(reply: unknown, keys: readonly RedisKey[]): reply is Result;
}

/** A Lua script and the typed way to call it. */
export interface Script<Result> {
  readonly name: string;
  /** The text with all flags; `sha1` is the digest of the text. */
  readonly text: string;
  readonly sha1: string;
  /**
   * Runs the script. 1 command: the text of the script in an isolate's first call, its digest in later calls. If the
   * server has forgotten the script (`NOSCRIPT`), nothing ran, and the text is sent again with 1 more command. A server
   * that does not know `allow-oom` costs 1 more command, once in an isolate.
   * @throws {RedisError}
   */
  call(redis: RedisClient, keys: readonly RedisKey[], args: readonly (string | number)[]): Promise<Result>;
}

/** The text of a script for one kind of server. */
interface Version {
  text: string;
  sha1: string;
  /**
   * True once this isolate has sent the text. The first run sends the text and not the digest, because a NOSCRIPT
   * reply would cost one more request.
   */
  sent: boolean;
}

/** True if the isolate's server knows the flag `allow-oom`; `undefined` until a script with the flag has run. */
let serverKnowsAllowOom: boolean | undefined;

/**
 * Declares a script. `lua` should begin with a comment that names each KEYS and ARGV, the result and the invariant.
 */
export function script<Result>(name: string, lua: string, options: ScriptOptions<Result>): Script<Result> {
  const { allowOom = false, isReply } = options;
  const plain = versionOf(lua, 'allow-key-locking');
  const flagged = allowOom ? versionOf(lua, 'allow-key-locking,allow-oom') : plain;

  async function call(redis: RedisClient, keys: readonly RedisKey[], args: readonly (string | number)[]) {
    if (keys.length === 0 || new Set(keys).size !== keys.length || keys.some((key) => String(key) === '')) {
      throw new RedisError('REDIS_KEY', `Script ${name} needs distinct, non-empty keys`);
    }
    const argv = args.map(String);
    if (!allowOom || serverKnowsAllowOom === false) return checked(redis, await send(plain, redis, keys, argv), keys);
    try {
      const reply = await send(flagged, redis, keys, argv);
      serverKnowsAllowOom = true;
      return checked(redis, reply, keys);
    } catch (error) {
      if (serverKnowsAllowOom !== undefined || !mayBeUnknownFlag(error)) throw error;
      const reply = await send(plain, redis, keys, argv);
      serverKnowsAllowOom = false;
      return checked(redis, reply, keys);
    }
  }

  function checked(redis: RedisClient, reply: unknown, keys: readonly RedisKey[]): Result {
    if (isReply(reply, keys)) return reply;
    throw redis.unexpectedReply(name);
  }

  const made: Script<Result> = { name, text: flagged.text, sha1: flagged.sha1, call };
  declared.set(name, made);
  for (const version of [plain, flagged]) nameScript(name, version);
  return made;
}

const declared = new Map<string, Pick<Script<unknown>, 'name' | 'text' | 'sha1'>>();

/** Returns every script that the loaded modules declare, by name. */
export function declaredScripts(): ReadonlyMap<string, Pick<Script<unknown>, 'name' | 'text' | 'sha1'>> {
  return declared;
}

function versionOf(lua: string, flags: string): Version {
  const text = `#!lua flags=${flags}\n${lua.trim()}`;
  return { text, sha1: createHash('sha1').update(text).digest('hex'), sent: false };
}

async function send(version: Version, redis: RedisClient, keys: readonly RedisKey[], argv: string[]): Promise<unknown> {
  if (version.sent) {
    try {
      return await redis.evalsha<string[], unknown>(version.sha1, [...keys], argv);
    } catch (error) {
      if (!(error instanceof RedisError && error.reply === 'NOSCRIPT')) throw error;
    }
  }
  const reply = await redis.eval<string[], unknown>(version.text, [...keys], argv);
  version.sent = true;
  return reply;
}

/** Returns whether an error may be the refusal of an unknown flag: nothing ran, and the reply has no code. */
function mayBeUnknownFlag(error: unknown): boolean {
  return error instanceof RedisError && error.code === 'REDIS_COMMAND' && error.reply === 'ERR';
}
