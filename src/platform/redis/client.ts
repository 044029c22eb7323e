/**
 * The Redis client of every room: @upstash/redis over our transport. Replies stay as Redis sent them. The library would
 * convert a stored text `"true"` to a boolean; this conversion is off, because the text may be a user's own.
 */
import { Redis } from '@upstash/redis';
import type { RedisError } from './errors.ts';
import type { Transport } from './transport.ts';

/** A client of one scope. Commands issued in one turn share one request. */
export class RedisClient extends Redis {
  /** Counts and reports a reply that the named script cannot return. Returns the error to throw. */
  readonly unexpectedReply: (script: string) => RedisError;

  constructor(transport: Transport) {
    super(transport);
    this.unexpectedReply = transport.unexpectedReply;
    this.opts = { automaticDeserialization: false };
  }
}
