/**
 * The client every room uses: @upstash/redis over our transport. Replies arrive as Redis sent them; the library's
 * guessing (a stored `"true"` read as a boolean) is off, because what is stored may have been chosen by a user.
 */
import { Redis } from '@upstash/redis';
import type { Transport } from './transport.ts';

/** A client of one scope. Commands issued in one turn share one request. */
export class RedisClient extends Redis {
  constructor(transport: Transport) {
    super(transport);
    this.opts = { automaticDeserialization: false };
  }
}
