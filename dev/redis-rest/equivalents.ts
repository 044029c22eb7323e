/**
 * Rewrites commands that the embedded engine does not support into equivalent commands. Each rewritten command has the
 * same meaning on every Redis, so commands are rewritten for all engines. Commands in Lua scripts are not rewritten.
 */
import type { Command } from './request.ts';

/** Returns the equivalent command; most commands stay unchanged. */
export function equivalentOf(command: Command): Command {
  const [name, ...args] = command;
  switch (name.toUpperCase()) {
    case 'ECHO':
      return args.length === 1 ? ['PING', ...args] : command;
    case 'XADD':
    case 'XTRIM':
      return withoutExactly(command);
    default:
      return command;
  }
}

/** Replaces `MAXLEN = 5` with the equivalent `MAXLEN 5`. The options of XADD end where the id of the entry begins. */
function withoutExactly(command: Command): Command {
  const words = command.map((word) => word.toString().toUpperCase());
  let at = 2;
  while (OPTIONS.has(words[at] ?? '')) at += 1;
  const isExact = (words[at] === 'MAXLEN' || words[at] === 'MINID') && words[at + 1] === '=';
  if (!isExact) return command;
  const [name, ...args] = command;
  return [name, ...args.filter((_arg, index) => index !== at)];
}

/** The options that may precede MAXLEN or MINID. */
const OPTIONS = new Set(['NOMKSTREAM', 'KEEPREF', 'DELREF', 'ACKED']);
