/**
 * The part of AWS's Node runtime that streams: the global `awslambda`, and the stream that a handler writes to. The
 * forms follow AWS's documentation ("Writing response streaming-enabled Lambda functions") and its runtime interface
 * client: `HttpResponseStream.from` writes the status and the headers as JSON before the first write, ended by eight NUL
 * bytes.
 */
import { Writable } from 'node:stream';

const CONTENT_TYPE = 'application/vnd.awslambda.http-integration-response';
const DELIMITER = Buffer.alloc(8);
const STREAMS = Symbol.for('aws.lambda.runtime.handler.streaming');

/** A handler that streams. */
export type StreamedHandler = (event: unknown, stream: ResponseStream, context: unknown) => Promise<void>;

/** The stream of one invocation. Its bytes go to `send`. */
export class ResponseStream extends Writable {
  contentType = 'application/octet-stream';
  beforeFirstWrite: ((write: (bytes: Uint8Array) => void) => void) | undefined;
  readonly #send: (bytes: Uint8Array) => void;

  constructor(send: (bytes: Uint8Array) => void) {
    super();
    this.#send = send;
  }

  setContentType(contentType: string): void {
    this.contentType = contentType;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.beforeFirstWrite?.(this.#send);
    this.beforeFirstWrite = undefined;
    this.#send(chunk);
    done();
  }
}

/** The global `awslambda` of AWS's runtime. */
export const awslambda = {
  streamifyResponse(handler: StreamedHandler): StreamedHandler {
    return Object.assign(handler, { [STREAMS]: 'response' });
  },
  HttpResponseStream: {
    from(stream: ResponseStream, metadata: unknown): ResponseStream {
      stream.setContentType(CONTENT_TYPE);
      stream.beforeFirstWrite = (write) => {
        write(Buffer.from(JSON.stringify(metadata)));
        write(DELIMITER);
      };
      return stream;
    },
  },
};

/** Returns whether the runtime must call the handler with a stream. */
export function isStreamed(handler: object): handler is StreamedHandler {
  return STREAMS in handler;
}

/** The head of such a stream, which a function URL reads before the body. */
export interface StreamedHead {
  statusCode: number;
  headers: Record<string, string>;
  cookies: string[];
}

/** Splits the bytes so far into the head and the begin of the body; `null` while the head is not whole. */
export function headOf(bytes: Buffer): { head: StreamedHead; rest: Buffer } | null {
  const end = bytes.indexOf(DELIMITER);
  if (end < 0) return null;
  const head = JSON.parse(bytes.subarray(0, end).toString()) as StreamedHead;
  return { head, rest: bytes.subarray(end + DELIMITER.byteLength) };
}

/** Returns the response of a handler that streams, as soon as its head has arrived. */
export function streamedResponse(invoke: (onPart: (bytes: Buffer) => void) => Promise<unknown>): Promise<Response> {
  return new Promise((resolve, reject) => {
    const body = new TransformStream<Uint8Array, Uint8Array>(undefined, undefined, { highWaterMark: Infinity });
    const writer = body.writable.getWriter();
    let early = Buffer.alloc(0);
    let answered = false;
    const ended = invoke((bytes) => {
      if (answered) return void writer.write(bytes);
      early = Buffer.concat([early, bytes]);
      const found = headOf(early);
      if (!found) return;
      answered = true;
      const { statusCode: status, headers, cookies } = found.head;
      const names = new Headers(headers);
      for (const cookie of cookies) names.append('set-cookie', cookie);
      if (found.rest.byteLength > 0) void writer.write(found.rest);
      resolve(new Response(status === 204 ? null : body.readable, { status, headers: names }));
    });
    ended.then(
      () => (answered ? writer.close() : reject(new Error('The handler streamed no head'))),
      (error: unknown) => (answered ? writer.abort(error) : reject(error)),
    );
  });
}
