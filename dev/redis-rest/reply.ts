/**
 * Converts Redis replies to the JSON that Upstash sends. With `Upstash-Encoding: base64`, every string is base64, so
 * that JSON preserves all bytes. Only the status reply `OK` stays unencoded, because the SDK expects this.
 */
import { ErrorReply } from '@redis/client';

/** A raw RESP2 reply: status replies are strings, bulk strings are Buffers. */
export type Reply = string | number | Buffer | null | ErrorReply | Reply[];

/** The encoding of strings. Plain strings are UTF-8. Bytes that are not valid UTF-8 are lost, as with Upstash. */
export type Encoding = 'plain' | 'base64';

/** A reply as JSON. */
export type JsonReply = string | number | null | JsonReply[];

/** The reply of one command, in the form of the REST API. */
export type CommandResult = { result: JsonReply } | { error: string };

/** Converts a reply to a result object; an error reply becomes `{ error }`. */
export function toResult(reply: Reply, encoding: Encoding): CommandResult {
  if (reply instanceof ErrorReply) return { error: reply.message };
  return { result: reply === 'OK' ? 'OK' : toJson(reply, encoding) };
}

function toJson(reply: Reply, encoding: Encoding): JsonReply {
  if (reply === null || typeof reply === 'number') return reply;
  if (Array.isArray(reply)) return reply.map((item) => toJson(item, encoding));
  if (Buffer.isBuffer(reply)) return reply.toString(encoding === 'base64' ? 'base64' : 'utf8');
  const text = reply instanceof ErrorReply ? reply.message : reply;
  return encoding === 'base64' ? Buffer.from(text).toString('base64') : text;
}
