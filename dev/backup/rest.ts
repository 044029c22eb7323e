/**
 * Commands over the Upstash REST API whose replies are bytes: values of Redis need not be UTF-8. The commands of one
 * turn of the event loop are sent in one pipeline.
 */
import { isUtf8 } from 'node:buffer';
import type { Ask } from '../saved/keys.ts';

/** The address of a Redis behind the REST API. */
export interface RestAddress {
  url: string;
  token: string;
}

/** The error of a command or a request. The message has no arguments and no values. */
export class RestError extends Error {
  override readonly name = 'RestError';
  readonly code = 'REDIS_REST';
}

type Command = readonly (string | Buffer)[];
type Result = { result: unknown } | { error: string };

/** The time limit of a request, in ms. */
const LIMIT_MS = 30_000;
/** The most commands of one request. */
const MOST = 1_000;
/**
 * Runs a command with bytes that JSON cannot carry: ARGV[1] is the name, the rest are the arguments in hex, after the
 * key.
 */
const IN_HEX = `#!lua flags=allow-key-locking
local args = {}
for i = 2, #ARGV do
  args[#args + 1] = string.gsub(ARGV[i], '..', function(byte) return string.char(tonumber(byte, 16)) end)
end
return redis.call(ARGV[1], KEYS[1], unpack(args))`;

/**
 * Returns the function that sends commands.
 * @throws {RestError} (the returned function) if Redis does not answer or refuses the command.
 */
export function askOverRest({ url, token }: RestAddress): Ask {
  let waiting: { command: Command; settle(result: Result): void; fail(error: Error): void }[] = [];

  function flush(): void {
    const all = waiting;
    waiting = [];
    for (let at = 0; at < all.length; at += MOST) {
      const part = all.slice(at, at + MOST);
      send(part.map(({ command }) => command)).then(
        (results) => {
          for (const [index, { settle }] of part.entries()) settle(results[index] ?? { error: 'ERR no reply' });
        },
        (error: Error) => {
          for (const { fail } of part) fail(error);
        },
      );
    }
  }

  async function send(commands: readonly Command[]): Promise<Result[]> {
    const response = await fetch(`${url.replace(/\/+$/, '')}/pipeline`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'upstash-encoding': 'base64',
      },
      body: JSON.stringify(commands.map(inJson)),
      signal: AbortSignal.timeout(LIMIT_MS),
    }).catch(() => {
      throw new RestError('Redis cannot be reached: check UPSTASH_REDIS_REST_URL');
    });
    if (response.status === 401) throw new RestError('Redis does not know UPSTASH_REDIS_REST_TOKEN');
    if (!response.ok) throw new RestError(`Redis answered with the status ${response.status}`);
    return (await response.json()) as Result[];
  }

  return (...command) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({
        command,
        settle(result) {
          if ('result' in result) resolve(bytesOf(result.result));
          // The first word is the code; the rest may quote an argument.
          else reject(new RestError(`Redis refused ${command[0]}: ${result.error.split(' ', 1)[0]}`));
        },
        fail: reject,
      });
    });
}

function inJson(command: Command): string[] {
  const plain = command.map(String);
  if (command.every((part) => typeof part === 'string' || isUtf8(part))) return plain;
  const [name = '', key = ''] = plain;
  return ['EVAL', IN_HEX, '1', key, name, ...command.slice(2).map((part) => Buffer.from(part).toString('hex'))];
}

function bytesOf(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(bytesOf);
  return typeof reply === 'string' && reply !== 'OK' ? Buffer.from(reply, 'base64') : reply;
}
