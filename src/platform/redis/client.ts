/**
 * The client every room uses: @upstash/redis over our transport. Replies arrive as Redis sent them; the library's
 * guessing (a stored `"true"` read as a boolean) is off, because what is stored may have been chosen by a user.
 */
import { Redis } from '@upstash/redis';
import type { RedisError } from './errors.ts';
import type { Transport } from './transport.ts';

/** A client of one scope. Commands issued in one turn share one request. */
export class RedisClient extends Redis {
  /** Counts and reports a reply that the named script does not give; the error to throw for it. */
  readonly unexpectedReply: (script: string) => RedisError;

  constructor(transport: Transport) {
    super(transport);
    this.unexpectedReply = transport.unexpectedReply;
    this.opts = { automaticDeserialization: false };
  }
}
