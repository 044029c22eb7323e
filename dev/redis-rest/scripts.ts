/**
 * Scripts for Upstash begin with `#!lua flags=allow-key-locking`, a flag that no other engine supports. This module
 * removes that flag and keeps the others (`allow-oom`) for an engine that supports them; it removes the whole line if
 * no other flag remains, or if the engine supports no flags. The SDK hashes its own text, so the module maps the
 * SHA-1 of each script seen to the engine's SHA-1. An unknown SHA-1 passes through, the engine answers NOSCRIPT, and
 * the SDK sends the text.
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

  /** @param keepsFlags whether the engine supports flags other than Upstash's own; see {@link knowsFlags}. */
  constructor(keepsFlags: boolean) {
    this.#keepsFlags = keepsFlags;
  }

  /** The command to send instead. Only EVAL, EVALSHA, their `_RO` forms and SCRIPT are ever changed. */
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

  /** Keeps the line break, so that line numbers in script errors stay right. */
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

  /** The reply of `SCRIPT LOAD`: the SHA-1 of the caller's text. */
  replyOverride([name, subcommand, text]: Command): string | undefined {
    if (name.toUpperCase() !== 'SCRIPT' || subcommand?.toString().toUpperCase() !== 'LOAD') return undefined;
    const source = text?.toString() ?? '';
    return flagsOf(source)?.includes(KEY_LOCKING) ? sha1(source) : undefined;
  }
}

/** The flags that a script's first line names. */
function flagsOf(source: string): string[] | undefined {
  const line = SHEBANG.exec(source)?.[0] ?? '';
  return FLAGS.exec(line)?.[1]?.split(',');
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
