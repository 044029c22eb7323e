/** The contract of a transport: its settings, its requests, and the notes about requests; see `create-transport.ts`. */
import type { Breaker } from './breaker.ts';
import type { AuditedCommands } from './command-audit.ts';
import type { RedisError } from './errors.ts';
import type { RedisMeter } from './meter.ts';
import type { Refused } from './refusal-notes.ts';

/** The part of a request of @upstash/redis that this transport understands. */
export interface TransportRequest {
  path?: string[] | undefined;
  body?: unknown;
  isStreaming?: boolean | undefined;
}

/** The part of `fetch` that a transport uses. The platform's `fetch` fits this type; a smaller function fits too. */
export type TransportFetch = (
  url: string,
  request: {
    method: 'POST';
    headers: Record<string, string>;
    body: string;
    signal: AbortSignal;
    /** The number of commands, if the request is a pipeline. */
    commands?: number;
  },
) => Promise<Pick<Response, 'status' | 'ok' | 'text'>>;

/** One request to Redis. The lengths are in UTF-16 code units. */
export interface SentRequest {
  commands: number;
  /** The number of commands by name; see `commands.ts`. */
  calls: ReadonlyMap<string, number>;
  /** Returns the commands by name, family and tenant, without arguments; see `command-audit.ts`. */
  audit(): AuditedCommands[];
  ms: number;
  bytesOut: number;
  bytesIn: number;
  code: string | null;
}

/** Settings of a {@link Transport}. */
export interface TransportOptions {
  /** Base URL of the REST endpoint. */
  url: string;
  /** Bearer token of the REST endpoint. */
  token: string;
  meter: RedisMeter;
  breaker: Breaker;
  now(): number;
  /** Sends the requests. Default: the platform's `fetch`. */
  fetch?: TransportFetch;
  /** Time limit of an operation in ms, retry included. Default 300. */
  timeout?: number;
  /**
   * `all` joins every command of a turn. `by-mode` sends reads and writes in two requests, so that a near replica of a
   * global database may serve the reads. With `by-mode` a read may return a state from before an earlier write. Default
   * `all`.
   */
  coalesce?: 'all' | 'by-mode';
  /** Receives each command that Redis refuses because it is full, read-only or lacks a permission. */
  onRefused?(refused: Refused): void;
  /**
   * The transport calls this function before it sends a pipeline. The commands that the function starts synchronously
   * join the pipeline. With `by-mode`, the transport calls the function only for a pipeline that has a write.
   */
  onPipeline?(): void;
  /** Receives each request after its end. `code` is the code of its error. */
  onRequest?(request: SentRequest): void;
  /** Receives the name of a command or script whose reply has a wrong shape. The name contains no arguments. */
  onUnexpectedReply?(command: string): void;
}

/** The interface through which @upstash/redis sends its commands. */
export interface Transport {
  // `@upstash/redis` requires this type. The caller chooses the type of the result, and the compiler cannot check it.
  request<TResult = unknown>(request: TransportRequest): Promise<{ result?: TResult; error?: string }>;
  /**
   * Counts and reports a reply of a wrong shape. `command` is the name of the command or script. Returns the error to
   * throw.
   */
  unexpectedReply(command: string): RedisError;
}
