/**
 * Lua scripts for Upstash begin with `#!lua flags=allow-key-locking`, which other engines reject. This drops that line
 * and remembers, for a script seen once, which SHA-1 the engine knows it by: the SDK hashes the text it wrote.
 * A SHA-1 we never saw passes through, the engine answers NOSCRIPT, and the SDK sends the text.
 */
import { createHash } from 'node:crypto';
import type { Command } from './request.ts';

const KEY_LOCKING_LINE = /^#!lua[^\n]*\ballow-key-locking\b[^\n]*/;

/** The scripts of one server. */
export class ScriptRewriter {
  readonly #engineShaOf = new Map<string, string>();

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
    if (!KEY_LOCKING_LINE.test(source)) return text;
    const rewritten = source.replace(KEY_LOCKING_LINE, '');
    this.#engineShaOf.set(sha1(source), sha1(rewritten));
    return rewritten;
  }

  #shaForEngine(sha: string | Buffer): string | Buffer {
    return this.#engineShaOf.get(sha.toString().toLowerCase()) ?? sha;
  }

  /** What `SCRIPT LOAD` must answer: the SHA-1 of the text the caller sent. */
  replyOverride([name, subcommand, text]: Command): string | undefined {
    if (name.toUpperCase() !== 'SCRIPT' || subcommand?.toString().toUpperCase() !== 'LOAD') return undefined;
    return text !== undefined && KEY_LOCKING_LINE.test(text.toString()) ? sha1(text.toString()) : undefined;
  }
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
