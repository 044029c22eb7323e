/**
 * A transport to Redis that can replace replies. Redis runs each command unchanged; only the reply differs, as with a
 * faulty proxy or server. Commands have the product's names: a script has a name of its own, other commands the name of
 * the command.
 */
import { createHash } from 'node:crypto';
import type { TransportFetch } from '../../src/platform/redis/index.ts';
import { declaredScripts } from '../../src/platform/redis/script.ts';
import { nodeFetch } from './node-fetch.ts';

/** A reply in the REST protocol. */
export type RawReply = { result: unknown } | { error: string };

export interface WrongReplies {
  fetch: TransportFetch;
  /** The names of all commands sent so far. */
  names: Set<string>;
  /** Replaces one reply; `undefined` keeps it. */
  alter: ((name: string, reply: RawReply) => RawReply | undefined) | undefined;
  /** Replaces all replies of a pipeline. */
  reorder: ((replies: RawReply[]) => RawReply[]) | undefined;
  /** The number of replaced replies. */
  replaced: number;
}

/** Creates a transport without faults. */
export function wrongReplies(): WrongReplies {
  const way: WrongReplies = {
    names: new Set(),
    alter: undefined,
    reorder: undefined,
    replaced: 0,
    async fetch(url, request) {
      const response = await nodeFetch(url, request);
      const names = (JSON.parse(request.body) as string[][]).map(nameOf);
      for (const name of names) way.names.add(name);
      const text = await response.text();
      const { alter, reorder } = way;
      if (!response.ok || (!alter && !reorder))
        return { status: response.status, ok: response.ok, text: async () => text };
      let replies = JSON.parse(text) as RawReply[];
      replies = replies.map((reply, index) => {
        const other = alter?.(names[index] ?? '', reply);
        if (other) way.replaced += 1;
        return other ?? reply;
      });
      if (reorder) replies = reorder(replies);
      const body = JSON.stringify(replies);
      return { status: 200, ok: true, text: async () => body };
    },
  };
  return way;
}

/** The scripts of the rate limit library. Recognized by the number of their arguments. */
const LIBRARY = 'limit.take';

function nameOf([name = '', text = '']: readonly string[]): string {
  const command = name.toUpperCase();
  if (command !== 'EVAL' && command !== 'EVALSHA') return command;
  const sha1 = command === 'EVALSHA' ? text : createHash('sha1').update(text).digest('hex');
  for (const script of declaredScripts().values()) if (script.sha1 === sha1) return script.name;
  return LIBRARY;
}

/** Wrong shapes by name, each made from the right value. */
export const WRONG_SHAPES: Readonly<Record<string, (right: unknown) => RawReply>> = {
  null: () => ({ result: null }),
  integer: () => ({ result: -7 }),
  fraction: () => ({ result: 0.5 }),
  text: () => ({ result: 'another text' }),
  boolean: () => ({ result: true }),
  object: () => ({ result: { a: 1 } }),
  empty: () => ({ result: [] }),
  nested: (right) => ({ result: [right] }),
  'nested error': (right) => ({
    result: Array.isArray(right) && right.length > 0 ? right.with(0, { error: 'ERR nested' }) : [{ error: 'ERR' }],
  }),
  'integers for texts': (right) => ({ result: Array.isArray(right) ? right.map(() => 12) : 12 }),
  'nulls for texts': (right) => ({ result: Array.isArray(right) ? right.map(() => null) : null }),
  shorter: (right) => ({ result: Array.isArray(right) ? right.slice(0, -1) : null }),
  longer: (right) => ({ result: Array.isArray(right) ? [...right, right.at(-1) ?? 'one more'] : [right, right] }),
  error: () => ({ error: 'ERR refused for a test' }),
};
