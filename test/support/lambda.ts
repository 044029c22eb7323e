/**
 * The deployed Lambdas: the bundle of `npm run build` in a process of its own, called with the events of API Gateway
 * (HTTP API, payload format 2.0) and EventBridge.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, ScheduledEvent } from 'aws-lambda';
import { appVariables } from '../../dev/cloud/app-environment.ts';
import { newClientAddress } from './client-address.ts';
import type { Invocation, InvocationResult } from './lambda-runtime.ts';
import { streamedResponse } from './lambda-streams.ts';
import type { AppCloud } from './local-cloud.ts';
import { logRecord } from './log-record.ts';
import { recordExchange } from './recorded-http.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A running Lambda package. */
export interface TestLambda {
  /** A request through API Gateway to the `api` handler. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /**
   * A request to the URL of the `feeds` handler. The response arrives with the head, and its body part by part. Like
   * AWS, it does not report a caller that leaves to the handler.
   */
  stream(path: string, init?: RequestInit): Promise<Response>;
  /** A request of QStash to the URL of the `deliveries` handler. */
  deliver(path: string, init?: RequestInit): Promise<Response>;
  /** An EventBridge tick to the `scheduled` handler. */
  scheduled(at: number): Promise<void>;
  /** The lines of its log so far. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

/** Options of a start. */
export interface TestLambdaOptions {
  /** The unpacked package. Default: this checkout with its `dist`. */
  root?: string;
  /** Overrides of the environment. */
  variables?: Record<string, string>;
  /** False for a runtime without the global `awslambda`. */
  canStream?: boolean;
}

/** Starts a package. */
export async function startTestLambda(
  cloud: AppCloud,
  { root = ROOT, variables = {}, canStream = true }: TestLambdaOptions = {},
): Promise<TestLambda> {
  const child = fork(
    join(import.meta.dirname, 'lambda-runtime.ts'),
    ['dist/lambda/aws.mjs', canStream ? '' : 'cannot stream'],
    {
      cwd: root,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        NODE_OPTIONS: '--enable-source-maps',
        ...appVariables(cloud, 'https://api.test'),
        // As in production.
        ERROR_MESSAGES: 'redacted',
        API_RATE_PER_CALLER: '1000000',
        API_RATE_PER_ADDRESS: '1000000',
        DATABASE_URL: cloud.postgres.url,
        ...variables,
      },
    },
  );
  const address = newClientAddress();
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      logRecord().line('a Lambda', line);
    });
  }
  child.stderr?.pipe(process.stderr);
  const exited = once(child, 'exit');
  const failed = exited.then(([code]) => Promise.reject(new Error(`The Lambda ended with code ${code}`)));
  // Without a waiting caller, the end of the process is not an error.
  failed.catch(() => {});
  await Promise.race([once(child, 'message'), failed]);

  const waiting = new Map<number, (answer: InvocationResult) => void>();
  child.on('message', (answer: InvocationResult) => {
    waiting.get(answer.id)?.(answer);
    if (answer.part === undefined) waiting.delete(answer.id);
  });
  let invocations = 0;
  async function invoke(handler: string, event: unknown, onPart: (bytes: Buffer) => void = () => {}): Promise<unknown> {
    invocations += 1;
    const invocation: Invocation = { id: invocations, handler, event };
    const answered = new Promise<InvocationResult>((resolve) =>
      waiting.set(invocation.id, (answer) => {
        if (answer.part === undefined) resolve(answer);
        else onPart(Buffer.from(answer.part, 'base64'));
      }),
    );
    child.send(invocation);
    const { result, error } = await Promise.race([answered, failed]);
    if (error !== undefined) throw new Error(error);
    return result;
  }

  /** API Gateway and function URLs send the same events. */
  async function request(handler: string, path: string, init: RequestInit = {}): Promise<Response> {
    const result = await invoke(handler, requestEvent(address, path, init));
    const response = toResponse(result as APIGatewayProxyStructuredResultV2);
    const sent = { path, headers: new Headers(init.headers), body: typeof init.body === 'string' ? init.body : '' };
    await recordExchange('a Lambda', sent, response);
    return response;
  }

  return {
    lines,
    fetch: (path, init) => request('api', path, init),
    stream: (path, init) => streamedResponse((onPart) => invoke('feeds', requestEvent(address, path, init), onPart)),
    deliver: (path, init) => request('deliveries', path, init),
    async scheduled(at) {
      await invoke('scheduled', scheduledEvent(new Date(at)));
    },
    async close() {
      child.disconnect();
      child.kill();
      await exited;
    },
  };
}

/** The event of a request, field by field as API Gateway documents it. */
function requestEvent(sourceIp: string, path: string, init: RequestInit = {}): APIGatewayProxyEventV2 {
  const { pathname, search, searchParams } = new URL(path, 'https://api.test');
  const body = typeof init.body === 'string' || init.body instanceof Uint8Array ? init.body : undefined;
  const headers: Record<string, string> = { host: 'api.test', 'x-forwarded-proto': 'https' };
  for (const [name, value] of new Headers(init.headers)) headers[name] = value;
  if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body));
  // A body that is not known to be text arrives in base64.
  const isText =
    typeof init.body !== 'object' &&
    /^(text\/|application\/(json|javascript|xml))/.test(headers['content-type'] ?? 'text/plain');
  const query = Object.fromEntries(searchParams);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers,
    ...(search ? { queryStringParameters: query } : {}),
    requestContext: {
      accountId: '123456789012',
      apiId: 'api',
      domainName: 'api.test',
      domainPrefix: 'api',
      http: {
        method: init.method ?? 'GET',
        path: pathname,
        protocol: 'HTTP/1.1',
        sourceIp,
        userAgent: 'test',
      },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage: '$default',
      time: '20/Nov/2026:09:30:00 +0000',
      timeEpoch: Date.UTC(2026, 10, 20, 9, 30),
    },
    ...(body === undefined ? {} : { body: isText ? String(body) : Buffer.from(body as Uint8Array).toString('base64') }),
    isBase64Encoded: body !== undefined && !isText,
  };
}

function toResponse(result: APIGatewayProxyStructuredResultV2): Response {
  const { statusCode = 200, headers = {}, cookies = [], body = '', isBase64Encoded } = result;
  const answered = new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  for (const cookie of cookies) answered.append('set-cookie', cookie);
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return new Response(bytes.byteLength === 0 ? null : bytes, { status: statusCode, headers: answered });
}

function scheduledEvent(at: Date): ScheduledEvent {
  return {
    version: '0',
    id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '123456789012',
    time: at.toISOString().replace(/\.\d+Z$/, 'Z'),
    region: 'eu-central-1',
    resources: ['arn:aws:events:eu-central-1:123456789012:rule/scheduled'],
    detail: {},
  };
}
