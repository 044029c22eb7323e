/**
 * An app in the SDK's development mode on a machine without name resolution. It publishes to its own endpoint, verifies
 * the delivery, and prints the result as one line of JSON.
 */
import dns from 'node:dns';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from '../../../../dev/http/server.ts';

const delivered = Promise.withResolvers<{ body: string; signature: string }>();
const server = createServer(async (request, response) => {
  const body = (await readBody(request)).toString();
  delivered.resolve({ body, signature: String(request.headers['upstash-signature']) });
  response.end();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;

// From here on every lookup fails. (Listening comes first, because it looks up even an address.)
const lookups: string[] = [];
Object.assign(dns, {
  lookup(name: string, ...rest: unknown[]) {
    lookups.push(name);
    const answer = rest.at(-1) as (error: Error) => void;
    process.nextTick(answer, Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }));
  },
});
const { Client, Receiver } = await import('@upstash/qstash');

const outcome: Record<string, unknown> = {};
try {
  const client = new Client({ retry: false });
  await client.publishJSON({ url, body: { hello: 'world' } });
  const { body, signature } = await delivered.promise;
  outcome['body'] = body;
  outcome['isVerified'] = await new Receiver().verify({ body, signature, url });
} catch (error) {
  outcome['error'] = String(error);
}
console.log(JSON.stringify({ ...outcome, lookups }));
process.exit(0);
