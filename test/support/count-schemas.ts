/**
 * A program that loads a bundle of the Worker, sends it a request, and prints how many schemas Zod has made by then:
 * `{ atStart, atAnswer, status, body }`. Zod calls `postProcessor` with each schema and each check that it makes.
 */
import { appVariables } from '../../dev/cloud/app-environment.ts';

let made = 0;
const count = () => {
  made += 1;
};
Object.assign(globalThis, { __zod_globalConfig: { postProcessor: count } });

const [bundle = '', path = '/', body = ''] = process.argv.slice(2);
const { default: worker } = (await import(bundle)) as {
  default: { fetch(request: Request, bindings: object, context: object): Promise<Response> };
};
const atStart = made;

// The request ends before it needs any of these services.
const service = { url: 'http://127.0.0.1:9', token: 'none', currentSigningKey: 'none', nextSigningKey: 'none' };
const bindings = {
  ...appVariables({ redisRest: service, qstash: service, mail: service } as never, 'http://worker.test'),
  DATABASE_URL: 'postgresql://none@127.0.0.1:9/none',
};
const headers = { 'content-type': 'application/json', origin: 'http://worker.test' };
const request = new Request(`http://worker.test${path}`, { method: 'POST', headers, body });
const context = { waitUntil: () => {}, passThroughOnException: () => {} };
const answer = await worker.fetch(request, bindings, context);
console.log(JSON.stringify({ atStart, atAnswer: made, status: answer.status, body: await answer.json() }));
