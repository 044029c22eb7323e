/**
 * The parts of the Postgres wire protocol that are needed to share one backend: functions that split bytes into
 * messages, read the transaction status of a response, rename prepared statements, and create an error response.
 * Source: "Message Formats" of the PostgreSQL documentation.
 */

const PROTOCOL_3 = 196_608;
const CANCEL_REQUEST = 80_877_102;
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const HEADER_BYTES = 5;

/** The single backend: receives protocol messages and returns the responses. */
export type Backend = (messages: Buffer) => Promise<Buffer>;

/** One message of a client. `type` is the type byte as a letter, or a name for messages before the session. */
export interface FrontendMessage {
  type: 'startup' | 'encryption-request' | 'cancel-request' | (string & {});
  bytes: Buffer;
}

/** The error for bytes that are not a Postgres message, e.g. an HTTP request to this port. */
export class ProtocolError extends Error {
  readonly code = 'protocol_error';
}

/** Splits a client's bytes into messages. */
export class MessageReader {
  #buffer: Buffer = Buffer.alloc(0);
  #started = false;

  /** Returns the complete messages so far, and keeps an incomplete message for the next call. */
  *read(data: Buffer): Generator<FrontendMessage> {
    this.#buffer = this.#buffer.length === 0 ? data : Buffer.concat([this.#buffer, data]);
    for (;;) {
      const lengthAt = this.#started ? 1 : 0;
      if (this.#buffer.length < lengthAt + 4) return;
      const size = lengthAt + this.#buffer.readInt32BE(lengthAt);
      if (size < lengthAt + 4) throw new ProtocolError('a message claims a negative length');
      if (!this.#started && size > 10_000) throw new ProtocolError('the first message is not a startup message');
      if (this.#buffer.length < size) return;
      const bytes = this.#buffer.subarray(0, size);
      this.#buffer = this.#buffer.subarray(size);
      yield this.#started ? { type: String.fromCharCode(bytes.readUInt8(0)), bytes } : this.#opening(bytes);
    }
  }

  #opening(bytes: Buffer): FrontendMessage {
    switch (bytes.length >= 8 ? bytes.readInt32BE(4) : 0) {
      case SSL_REQUEST:
      case GSS_REQUEST:
        return { type: 'encryption-request', bytes };
      case CANCEL_REQUEST:
        return { type: 'cancel-request', bytes };
      case PROTOCOL_3:
        this.#started = true;
        return { type: 'startup', bytes };
      default:
        throw new ProtocolError('the first message asks for a protocol other than 3.0');
    }
  }
}

/**
 * Returns true for a message to which the backend responds at once, such as a Query, a Sync or a Flush. Messages before
 * it (Parse, Bind, Execute …) wait for it. So a whole turn runs without messages of another connection in between.
 */
export function endsTurn(type: string): boolean {
  return type === 'Q' || type === 'S' || type === 'F' || type === 'H' || type === 'c' || type === 'f';
}

/**
 * Reads the status in a response: `I` idle, `T` in a transaction, `E` in a failed transaction. Returns undefined if the
 * backend is not ready for a query.
 */
export function readyStatus(answer: Buffer): 'I' | 'T' | 'E' | undefined {
  let status: 'I' | 'T' | 'E' | undefined;
  for (let at = 0; at + HEADER_BYTES <= answer.length; at += 1 + answer.readInt32BE(at + 1)) {
    if (answer[at] !== 0x5a /* Z, ReadyForQuery */) {
      status = undefined;
      continue;
    }
    const letter = String.fromCharCode(answer.readUInt8(at + HEADER_BYTES));
    status = letter === 'T' || letter === 'E' ? letter : 'I';
  }
  return status;
}

/**
 * Returns the name of the prepared statement in a message, and the offset of the name. Returns undefined for an unnamed
 * statement, which lives for only one turn.
 */
export function statementName({ type, bytes }: FrontendMessage): { at: number; name: string } | undefined {
  const at = nameOffset(type, bytes);
  if (at === undefined) return undefined;
  const name = bytes.toString('utf8', at, bytes.indexOf(0, at));
  return name === '' ? undefined : { at, name };
}

function nameOffset(type: string, bytes: Buffer): number | undefined {
  switch (type) {
    case 'P': // Parse: statement, query, …
      return HEADER_BYTES;
    case 'B': // Bind: portal, statement, …
      return bytes.indexOf(0, HEADER_BYTES) + 1;
    case 'D': // Describe and Close: 'S' for a statement or 'P' for a portal, then the name
    case 'C':
      return bytes[HEADER_BYTES] === 0x53 ? HEADER_BYTES + 1 : undefined;
    default:
      return undefined;
  }
}

/** Returns the message with `prefix` before the name at the offset `at`. */
export function withPrefix(bytes: Buffer, at: number, prefix: string): Buffer {
  const renamed = Buffer.concat([bytes.subarray(0, at), Buffer.from(prefix), bytes.subarray(at)]);
  renamed.writeInt32BE(renamed.length - 1, 1);
  return renamed;
}

/** Creates a message of the given type; a string field ends with a zero byte. */
export function message(type: string, ...fields: (string | Buffer)[]): Buffer {
  const body = Buffer.concat(fields.map((field) => (typeof field === 'string' ? Buffer.from(`${field}\0`) : field)));
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(type);
  header.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}

/** Creates the message that deallocates a prepared statement. */
export function closeStatement(name: string): Buffer {
  return message('C', Buffer.from('S'), name);
}

/** Creates an ErrorResponse and a ReadyForQuery, as for a turn that failed outside a transaction. */
export function errorAnswer(sqlState: string, text: string): Buffer {
  const fields = Buffer.from(`SERROR\0VERROR\0C${sqlState}\0M${text}\0\0`);
  return Buffer.concat([message('E', fields), message('Z', Buffer.from('I'))]);
}
