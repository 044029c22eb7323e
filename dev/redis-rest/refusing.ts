/**
 * A Redis that refuses writes, as a switch of the REST server: `OOM` for a full one, `READONLY` for a replica that is not
 * promoted yet. Reads are answered. A full Redis also accepts what frees memory, and scripts with the flag `allow-oom`;
 * a read-only one refuses every script, because none has the flag `no-writes`.
 */
import { createHash } from 'node:crypto';
import { isRead } from '../../src/platform/redis/commands.ts';
import type { Command } from './request.ts';

/** The reply to a refused command. */
export type Refuses = 'OOM' | 'READONLY';

const TEXT: Readonly<Record<Refuses, string>> = {
  OOM: "OOM command not allowed when used memory > 'maxmemory'.",
  READONLY: "READONLY You can't write against a read only replica.",
};
/** The commands that need no memory, without those that only read. */
const FREES = new Set(
  (
    'DEL UNLINK EXPIRE PEXPIRE EXPIREAT PEXPIREAT PERSIST HDEL SREM ZREM ZREMRANGEBYRANK ZREMRANGEBYSCORE XDEL XTRIM ' +
    'LPOP RPOP SPOP FLUSHALL FLUSHDB PUBLISH SCRIPT'
  ).split(' '),
);

/** Remembers the scripts with `allow-oom`, which later come by their digest only. */
export class Refusing {
  readonly #allowed = new Set<string>();

  /** Returns the text of the refusal; undefined for a command that runs. */
  refusalOf(refuses: Refuses | undefined, command: Command): string | undefined {
    const [name, script = ''] = command.map(String);
    const upper = name?.toUpperCase() ?? '';
    const isEval = upper === 'EVAL' || upper === 'EVALSHA';
    if (upper === 'EVAL' && /^#!lua [^\n]*allow-oom/.test(script)) {
      this.#allowed.add(createHash('sha1').update(script).digest('hex'));
    }
    if (refuses === undefined || isRead(upper) || upper === 'PUBLISH') return undefined;
    const digest = upper === 'EVAL' ? createHash('sha1').update(script).digest('hex') : script.toLowerCase();
    const isAllowed = refuses === 'OOM' && (isEval ? this.#allowed.has(digest) : FREES.has(upper));
    return isAllowed ? undefined : TEXT[refuses];
  }
}
