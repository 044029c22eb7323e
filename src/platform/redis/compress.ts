/** Text to gzip and back, as base64, with the platform's own streams: the same on workerd and in Node. */
import { Buffer } from 'node:buffer';

/** Compresses a text. */
export async function compress(text: string): Promise<string> {
  return Buffer.from(await through(Buffer.from(text), new CompressionStream('gzip'))).toString('base64');
}

/**
 * Undoes {@link compress}.
 * @throws {Error} if the text is not what `compress` made.
 */
export async function decompress(compressed: string): Promise<string> {
  return Buffer.from(await through(Buffer.from(compressed, 'base64'), new DecompressionStream('gzip'))).toString();
}

function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<ArrayBuffer> {
  return new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer();
}
