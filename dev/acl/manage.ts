/**
 * Makes the app's user of Redis over the REST API, and rotates its token. On Upstash a token of `ACL GENTOKEN` is both
 * the password of a user and the bearer token of the REST API.
 */
import { aclRules, type Grant } from '../../src/platform/redis/access/index.ts';
import { askOverRest, type RestAddress, RestError } from '../backup/rest.ts';
import type { Ask } from '../saved/keys.ts';
import { differences, type FoundUser, readUser } from './read-back.ts';

/** The error of a user that cannot be made, or that Redis does not describe as it was made. */
export class AclError extends Error {
  override readonly name = 'AclError';
  readonly code = 'REDIS_ACL';
}

/** A user, and the address of its Redis. */
export interface UserPlace {
  /** The address, with the token of the user with all rights. */
  address: RestAddress;
  user: string;
  grant: Grant;
}

/** Stores a token where only the operator finds it. */
export type Keep = (token: string) => Promise<void>;

/** A rotation: the old token and the new one are valid side by side, so a user never has more. */
const MOST_TOKENS = 2;

/**
 * Makes the user, or gives an existing one exactly the rights of the grant; the tokens of an existing user stay valid.
 * Then reads the user back and tries the new token.
 *
 * @param keep stores the token of a new user, before the user gets it
 * @returns whether the user is new
 * @throws {RestError} if Redis does not answer, or refuses a command
 * @throws {AclError} if the user has other rights than those of the grant afterwards
 */
export async function applyUser(place: UserPlace, keep: Keep): Promise<boolean> {
  const ask = askOverRest(place.address);
  const before = await readUser(ask, place.user);
  const token = before && before.tokens > 0 ? undefined : await generate(ask, place.user, keep);
  await ask('ACL', 'SETUSER', place.user, ...aclRules(place.grant), ...(token === undefined ? [] : [`>${token}`]));
  await check(ask, place);
  if (token !== undefined) await tryToken(place, token);
  return token !== undefined;
}

/**
 * Compares the user with the grant, and changes nothing.
 * @throws {AclError} with the differences
 */
export async function checkUser(place: UserPlace): Promise<FoundUser> {
  return check(askOverRest(place.address), place);
}

/**
 * Adds a second token, with which the app is deployed next. The earlier token stays valid until {@link retireToken}.
 * @throws {AclError} if the user does not exist, or has two tokens already
 */
export async function addToken(place: UserPlace, keep: Keep): Promise<void> {
  const ask = askOverRest(place.address);
  const { tokens } = await check(ask, place);
  if (tokens >= MOST_TOKENS) throw new AclError(`${place.user} has two tokens: retire the old one first`);
  const token = await generate(ask, place.user, keep);
  await ask('ACL', 'SETUSER', place.user, `>${token}`);
  await tryToken(place, token);
}

/**
 * Removes the old token; requests with it are refused from then on.
 * @throws {AclError} if the user would have no token afterwards
 */
export async function retireToken(place: UserPlace, token: string): Promise<void> {
  const ask = askOverRest(place.address);
  const { tokens } = await check(ask, place);
  if (tokens < MOST_TOKENS) throw new AclError(`${place.user} has one token: add another one first`);
  await ask('ACL', 'SETUSER', place.user, `<${token}`);
}

/**
 * Switches the user off, so that no isolate of any release can use this Redis: before the app moves to another Redis.
 * {@link applyUser} switches the user on again, with the same tokens.
 * @throws {AclError} if the user does not exist
 */
export async function fenceUser({ address, user }: UserPlace): Promise<void> {
  const ask = askOverRest(address);
  if (!(await readUser(ask, user))) throw new AclError(`${user} does not exist`);
  await ask('ACL', 'SETUSER', user, 'off');
}

/** A token that cannot be kept is given to no user. */
async function generate(ask: Ask, user: string, keep: Keep): Promise<string> {
  const token = String(await ask('ACL', 'GENTOKEN', user));
  await keep(token);
  return token;
}

async function check(ask: Ask, { user, grant }: UserPlace): Promise<FoundUser> {
  const found = await readUser(ask, user);
  if (!found) throw new AclError(`${user} does not exist: run redis:acl with --apply`);
  const lines = differences(found, grant);
  if (lines.length > 0) throw new AclError([`${user} differs from the code:`, ...lines].join('\n  '));
  return found;
}

/** Sends two commands with the new token: one that must work, and one that must be refused. */
async function tryToken({ address, user }: UserPlace, token: string): Promise<void> {
  const ask = askOverRest({ ...address, token });
  await ask('PING');
  const refusal = await ask('ACL', 'USERS').then(
    () => undefined,
    (error: unknown) => error,
  );
  if (refusal instanceof RestError && refusal.message.includes('NOPERM')) return;
  throw new AclError(`${user} may manage users, although its rules do not say so`);
}
