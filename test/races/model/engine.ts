/**
 * The embedded Redis as a pure function: contents and a command in, contents and a reply out. The commands and Lua
 * scripts are the real ones; only the waiting between them is the explorer's. The clock must stand still.
 */
import {
  ClientSession,
  createRedisCommandExecutor,
  isResponseStream,
  RedisServerState,
  type RedisValue,
  resolveCompatibilityProfile,
} from 'js-redis-server/core';
import { vi } from 'vitest';
import { NOON } from './noon.ts';

/** What Redis holds: one line per key, sorted, `<key> <expires at, ms, or -> <value>` as JSON texts. */
export type Contents = string;
/** A command's words. */
export type Words = readonly string[];
/** A reply as the REST API writes it. */
export type Reply = string | number | null | Reply[];
/** Result of a command, or the error it answered. */
export type Answer = { result: Reply } | { error: string };

export interface Engine {
  /** Runs a command, at noon or so many ms later. */
  run(before: Contents, command: Words, laterMs?: number): Promise<{ after: Contents; answer: Answer }>;
  close(): void;
}

/** The key-locking line is Upstash's own; see `dev/redis-rest/scripts.ts`. */
const KEY_LOCKING_LINE = /^#!lua[^\n]*/;

/** Creates an engine; `rewrite` may change scripts, to prove that breaking one is found. */
export function createEngine(rewrite: (lua: string) => string = (lua) => lua): Engine {
  const compatibility = resolveCompatibilityProfile(undefined);
  const executor = createRedisCommandExecutor({ compatibility });
  const server = new RedisServerState({ databaseCount: 1, compatibility, activeExpiryIntervalMs: false });
  const database = server.getDatabase(0);
  const session = new ClientSession({ server, executor });
  let present: Contents = '';

  function restore(contents: Contents): void {
    if (contents === present) return;
    database.flush();
    for (const line of contents.split('\n').filter(Boolean)) {
      const [key, expiresAt, value] = JSON.parse(line) as [string, number | null, string];
      database.setString(Buffer.from(key), Buffer.from(value), expiresAt === null ? {} : { expiresAt });
    }
  }

  function dump(): Contents {
    return database
      .entriesSnapshot()
      .map(({ key, value, expiresAt }) => {
        if (value.type !== 'string') throw new Error(`The model knows strings only, not ${value.type}`);
        return JSON.stringify([key.toString(), expiresAt ?? null, value.value.toString()]);
      })
      .sort()
      .join('\n');
  }

  return {
    async run(before, [name = '', ...args], laterMs = 0) {
      vi.setSystemTime(NOON + laterMs);
      restore(before);
      const words = /^eval$/i.test(name)
        ? [rewrite((args[0] ?? '').replace(KEY_LOCKING_LINE, '')), ...args.slice(1)]
        : args;
      const result = await session.execute(
        name,
        words.map((word) => Buffer.from(word)),
      );
      if (isResponseStream(result)) throw new Error(`${name} does not end`);
      present = dump();
      return { after: present, answer: toAnswer(result.value) };
    },
    close() {
      session.close();
      server.close();
    },
  };
}

/** The contents without one key. */
export function without(contents: Contents, key: string): Contents {
  return contents
    .split('\n')
    .filter((line) => line !== '' && (JSON.parse(line) as string[])[0] !== key)
    .join('\n');
}

/** The keys there are. */
export function keysOf(contents: Contents): string[] {
  return contents
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as [string])[0]);
}

function toAnswer(value: RedisValue): Answer {
  return value.kind === 'error'
    ? { error: [value.code, value.message].filter(Boolean).join(' ') }
    : { result: toReply(value) };
}

function toReply(value: RedisValue): Reply {
  switch (value.kind) {
    case 'simple-string':
      return value.value;
    case 'bulk-string':
      return value.value === null ? null : value.value.toString();
    case 'integer':
      return Number(value.value);
    case 'array':
      return value.items.map(toReply);
    case 'null':
    case 'null-array':
      return null;
    default:
      throw new Error(`The model does not expect a reply of the kind ${value.kind}`);
  }
}
