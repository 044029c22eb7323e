/**
 * The embedded Redis as a pure function: from contents and a command to new contents and a reply. Commands and Lua
 * scripts are real; the explorer only decides their order. The clock must not move.
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

/** The contents of Redis: one line per key, sorted, `<key> <expires at, ms, or -> <value>` as JSON texts. */
export type Contents = string;
/** A command with its arguments. */
export type Words = readonly string[];
/** A reply in the form of the REST API. */
export type Reply = string | number | null | Reply[];
/** The result of a command, or its error. */
export type Answer = { result: Reply } | { error: string };

export interface Engine {
  /** Runs a command, at noon or the given number of ms later. */
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

/** All keys of the contents. */
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
