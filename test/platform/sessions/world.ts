/** Sessions of one isolate: several of these over one Redis act as several isolates and devices. */
import {
  type BreakerOptions,
  createBreaker,
  createRedisMeter,
  createTransport,
  RedisClient,
  type TransportFetch,
} from '../../../src/platform/redis/index.ts';
import {
  type ClientTokensOptions,
  createAuthKeys,
  createClientTokens,
  createSessions,
  type Opened,
  type PresentedRefreshToken,
  type PresentedSession,
  parseRefreshToken,
  parseSessionToken,
  type RevokeOthersOutcome,
  type Session,
  type SessionsOptions,
  type SignIn,
} from '../../../src/platform/sessions/index.ts';
import { realSystem, type System } from '../../../src/platform/system.ts';
import { nodeFetch } from '../../support/node-fetch.ts';

export const keyText = (letter: string) => btoa(letter.repeat(32));
export const authKeys = createAuthKeys(`k1:${keyText('a')}`);

export interface IsolateOptions
  extends Partial<Pick<SessionsOptions, 'policy' | 'limitsOfRole' | 'sealer' | 'keys' | 'onRevoked'>> {
  rest: { url: string; token: string };
  tenant: string;
  system?: Partial<System>;
  fetch?: TransportFetch;
  grace?: ClientTokensOptions['grace'];
  breaker?: Partial<BreakerOptions>;
}

export type Isolate = ReturnType<typeof createIsolate>;

let tenants = 0;

/** A new tenant with a name that is valid in tokens. */
export function newTenant(): string {
  tenants += 1;
  return `t${realSystem
    .token()
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')}-${tenants}`;
}

export function createIsolate(options: IsolateOptions) {
  const { tenant, rest, keys = authKeys, policy, limitsOfRole, sealer, grace, onRevoked } = options;
  const system: System = { ...realSystem, ...options.system };
  const meter = createRedisMeter();
  const now = () => system.now();
  const transport = createTransport({
    ...rest,
    meter,
    breaker: createBreaker({ now, ...options.breaker }),
    now,
    timeout: 30_000,
    fetch: options.fetch ?? nodeFetch,
  });
  const redis = new RedisClient(transport);
  const pending: Promise<unknown>[] = [];
  const refused: string[] = [];
  const sessions = createSessions({
    tenant,
    redis,
    system,
    keys,
    after: (work) => pending.push(work()),
    onRefused: (reason) => refused.push(reason),
    ...(policy ? { policy } : {}),
    ...(limitsOfRole ? { limitsOfRole } : {}),
    ...(sealer ? { sealer } : {}),
    ...(onRevoked ? { onRevoked } : {}),
  });
  const tokens = createClientTokens({
    tenant,
    redis,
    system,
    keys,
    issuer: 'https://api.example.com',
    ...(policy ? { policy } : {}),
    ...(limitsOfRole ? { limitsOfRole } : {}),
    ...(sealer ? { sealer } : {}),
    ...(grace === undefined ? {} : { grace }),
    ...(onRevoked ? { onRevoked } : {}),
  });
  return {
    sessions,
    tokens,
    redis,
    meter,
    refused,
    /** Waits for the work after the response. */
    async settled() {
      while (pending.length > 0) await Promise.all(pending.splice(0));
    },
    /** The requests and commands of a function, including its work after the response. */
    async costOf(work: () => Promise<unknown>): Promise<[requests: number, commands: number]> {
      const { requests, commands } = meter;
      await work();
      while (pending.length > 0) await Promise.all(pending.splice(0));
      return [meter.requests - requests, meter.commands - commands];
    },
    /** Signs in; a failure fails the test. */
    async signIn(more: Partial<SignIn> = {}) {
      const who = signInOf(more);
      const outcome = await sessions.create(who, await sessions.readEpochs(who.userId));
      if (outcome.kind !== 'created') throw new Error(`Signing in: ${outcome.kind}`);
      return { ...outcome, presented: presented(outcome.token) };
    },
    /** The session of a token, or `null`. */
    who: (token: string): Promise<Session | null> => sessions.validate(presented(token)),
    /** Signs a client in; a failure fails the test. */
    async issue(more: Partial<SignIn> = {}) {
      const who = signInOf(more);
      const outcome = await tokens.issue(who, await sessions.readEpochs(who.userId));
      if (outcome.kind !== 'created') throw new Error(`Signing in: ${outcome.kind}`);
      return outcome;
    },
  };
}

export function signInOf(more: Partial<SignIn> = {}): SignIn {
  return { userId: 'user_1', role: 'member', methods: ['pwd'], ...more };
}

/** The session opened by a rotation; another outcome fails the test. */
export function opened(outcome: RevokeOthersOutcome): Opened {
  if (outcome.kind !== 'rotated') throw new Error(`Rotating: ${outcome.kind}`);
  return outcome;
}

/** The parts of a session token; an invalid token fails the test. */
export function presented(token: string): PresentedSession {
  const parts = parseSessionToken(token);
  if (!parts) throw new Error('That is not a session token');
  return parts;
}

/** The parts of a refresh token; an invalid token fails the test. */
export function presentedRefresh(token: string): PresentedRefreshToken {
  const parts = parseRefreshToken(token);
  if (!parts) throw new Error('That is not a refresh token');
  return parts;
}

/** The contents of a bucket's hash. */
export async function fieldsOf(isolate: Isolate, tenant: string, bucket: string): Promise<Map<string, string>> {
  const flat = (await isolate.redis.exec<string[] | null>(['HGETALL', `hf:${tenant}:s:${bucket}`])) ?? [];
  const fields = new Map<string, string>();
  for (let at = 0; at < flat.length; at += 2) fields.set(flat[at] ?? '', flat[at + 1] ?? '');
  return fields;
}
