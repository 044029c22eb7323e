/**
 * The Redis client of every room: @upstash/redis over our transport. Replies stay as Redis sent them: the library's
 * conversion, which reads a stored `"true"` as a boolean, is off, because a user may have chosen the stored text.
 */
import { Redis } from '@upstash/redis';
import type { RedisError } from './errors.ts';
import type { Transport } from './transport.ts';

/** A client of one scope. Commands issued in one turn share one request. */
export class RedisClient extends Redis {
  /** Counts and reports a reply that the named script never gives. Returns the error to throw. */
  readonly unexpectedReply: (script: string) => RedisError;

  constructor(transport: Transport) {
    super(transport);
    this.unexpectedReply = transport.unexpectedReply;
    this.opts = { automaticDeserialization: false };
  }
}
