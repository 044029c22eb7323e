/** Compresses text with gzip, as base64, and decompresses it, with streams that both workerd and Node have. */
import { Buffer } from 'node:buffer';

/** Compresses a text. */
export async function compress(text: string): Promise<string> {
  return Buffer.from(await through(Buffer.from(text), new CompressionStream('gzip'))).toString('base64');
}

/**
 * Decompresses a text that {@link compress} made.
 * @throws {Error} for any other text.
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
