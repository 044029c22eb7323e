/**
 * Rewrites scripts for Upstash. Their first line is `#!lua flags=allow-key-locking`, with a flag that no other engine
 * knows.
 *
 * For an engine that supports flags, this module removes only this flag and keeps other flags (`allow-oom`). If no
 * other flag is left, or if the engine supports no flags, the module removes the text of the line. The SDK computes the
 * SHA-1 of the unchanged text, so the module maps this SHA-1 to the SHA-1 of the rewritten text. An unknown SHA-1 is
 * sent unchanged; then the engine answers NOSCRIPT, and the SDK sends the text.
 */
import { createHash } from 'node:crypto';
import { ErrorReply } from '@redis/client';
import type { Reply } from './reply.ts';
import type { Command } from './request.ts';

const SHEBANG = /^#!lua[^\n]*/;
const FLAGS = /\bflags=([\w,-]*)/;
const KEY_LOCKING = 'allow-key-locking';

/** Checks whether an engine supports scripts with flags: Redis does since 7.0, the embedded engine does not. */
export async function knowsFlags(send: (command: Command) => Promise<Reply>): Promise<boolean> {
  const reply = await send(['EVAL', '#!lua flags=allow-oom\nreturn 1', '0']).catch(() => null);
  return reply !== null && !(reply instanceof ErrorReply);
}

/** The scripts of one server. */
export class ScriptRewriter {
  readonly #engineShaOf = new Map<string, string>();
  readonly #keepsFlags: boolean;

  /** @param keepsFlags true if the engine supports flags other than `allow-key-locking`; see {@link knowsFlags} */
  constructor(keepsFlags: boolean) {
    this.#keepsFlags = keepsFlags;
  }

  /** Returns the command for the engine. Only EVAL, EVALSHA, their `_RO` forms and SCRIPT can change. */
  rewrite(command: Command): Command {
    const [name, first, ...rest] = command;
    if (first === undefined) return command;
    switch (name.toUpperCase()) {
      case 'EVAL':
      case 'EVAL_RO':
        return [name, this.#textForEngine(first), ...rest];
      case 'EVALSHA':
      case 'EVALSHA_RO':
        return [name, this.#shaForEngine(first), ...rest];
      case 'SCRIPT':
        return this.#rewriteScriptCommand(name, first.toString(), rest);
      default:
        return command;
    }
  }

  #rewriteScriptCommand(name: string, subcommand: string, args: (string | Buffer)[]): Command {
    switch (subcommand.toUpperCase()) {
      case 'LOAD':
        return [name, subcommand, ...args.map((text) => this.#textForEngine(text))];
      case 'EXISTS':
        return [name, subcommand, ...args.map((sha) => this.#shaForEngine(sha))];
      case 'FLUSH':
        this.#engineShaOf.clear();
        return [name, subcommand, ...args];
      default:
        return [name, subcommand, ...args];
    }
  }

  /** Rewrites a script, and keeps the line break of its first line. So line numbers in errors stay correct. */
  #textForEngine(text: string | Buffer): string | Buffer {
    const source = text.toString();
    const flags = flagsOf(source);
    if (!flags?.includes(KEY_LOCKING)) return text;
    const others = flags.filter((flag) => flag !== KEY_LOCKING);
    const line = this.#keepsFlags && others.length > 0 ? `#!lua flags=${others.join(',')}` : '';
    const rewritten = source.replace(SHEBANG, line);
    this.#engineShaOf.set(sha1(source), sha1(rewritten));
    return rewritten;
  }

  #shaForEngine(sha: string | Buffer): string | Buffer {
    return this.#engineShaOf.get(sha.toString().toLowerCase()) ?? sha;
  }

  /** Returns the reply of `SCRIPT LOAD` for a rewritten script, which must be the SHA-1 of the caller's text. */
  replyOverride([name, subcommand, text]: Command): string | undefined {
    if (name.toUpperCase() !== 'SCRIPT' || subcommand?.toString().toUpperCase() !== 'LOAD') return undefined;
    const source = text?.toString() ?? '';
    return flagsOf(source)?.includes(KEY_LOCKING) ? sha1(source) : undefined;
  }
}

/** Reads the flags in the first line of a script. */
function flagsOf(source: string): string[] | undefined {
  const line = SHEBANG.exec(source)?.[0] ?? '';
  return FLAGS.exec(line)?.[1]?.split(',');
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
