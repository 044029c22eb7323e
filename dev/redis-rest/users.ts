/**
 * The users of the REST server, as on Upstash: `ACL GENTOKEN` issues a token, and `ACL SETUSER` gives it to a user as a
 * password. The token is also the bearer token. With a real Redis each token has a connection of its user, so that Redis
 * itself checks the rights; otherwise the REST server checks them.
 */
import { createHash, randomBytes } from 'node:crypto';
import { ErrorReply } from '@redis/client';
import { isToken } from '../http/bearer.ts';
import { type Line, RedisUnavailableError } from './line.ts';
import { PAGE } from './not-there.ts';
import { Permissions } from './permissions.ts';
import type { Reply } from './reply.ts';
import type { Command } from './request.ts';
import { applyRules, noRights, type Rights, RuleError } from './rules.ts';

/** The name of the user with all rights. No rule changes this user. */
export const DEFAULT_USER = 'default';

/** The sender of a request. */
export interface Caller {
  user: string;
  /** The URL of Redis with the name and the password of the user. */
  redisUrl: string;
  /** The connection on which the commands of the user run. */
  line(): Promise<Line>;
  /** Returns the reply to a command without the permission, if the engine does not check permissions. */
  refusalOf(command: Command): string | undefined;
}

/** The parts of the REST server that the users need. */
export interface UsersOptions {
  redisUrl: string;
  /** The token of the user with all rights. */
  token: string;
  /** The connection of the user with all rights. */
  line: Line;
  /** Opens a connection of another user. */
  open(redisUrl: string): Promise<Line>;
}

/** Checks whether an engine has users of its own: Redis has since 6.0, the embedded engine does not. */
async function hasUsers(line: Line): Promise<boolean> {
  const reply = await line.send(['ACL', 'GETUSER', DEFAULT_USER]).catch(() => null);
  return reply !== null && !(reply instanceof ErrorReply);
}

/** The users of one server, and their tokens. */
export class Users {
  readonly #options: UsersOptions;
  readonly #engineHasUsers: boolean;
  readonly #users = new Map<string, Rights>();
  /** The user of each token that was issued. */
  readonly #issued = new Map<string, string>();
  readonly #lines = new Map<string, Promise<Line>>();
  /** The users of {@link Users.set}, which end with the server. */
  readonly #own = new Set<string>();
  readonly #permissions = new Permissions();

  private constructor(options: UsersOptions, engineHasUsers: boolean) {
    this.#options = options;
    this.#engineHasUsers = engineHasUsers;
  }

  static async of(options: UsersOptions): Promise<Users> {
    return new Users(options, await hasUsers(options.line));
  }

  /** Returns the sender of a request with this token; undefined for a token of no user. */
  callerOf(token: string | undefined): Caller | undefined {
    const { redisUrl, line } = this.#options;
    if (isToken(token, this.#options.token)) {
      return { user: DEFAULT_USER, redisUrl, line: async () => line, refusalOf: () => undefined };
    }
    for (const [user, rights] of this.#users) {
      const own = rights.isOn ? [...rights.tokens].find((each) => isToken(token, each)) : undefined;
      if (own === undefined) continue;
      if (!this.#engineHasUsers) {
        const refusalOf = (command: Command) => this.#permissions.refusalOf(rights, command);
        return { user, redisUrl, line: async () => line, refusalOf };
      }
      const url = urlOf(redisUrl, user, own);
      return { user, redisUrl: url, line: () => this.#lineOf(own, url), refusalOf: () => undefined };
    }
    return undefined;
  }

  /** Gives a user a fixed token and rights. The local cloud and tests use it instead of `ACL GENTOKEN`. */
  async set(user: string, token: string, rules: readonly string[]): Promise<void> {
    this.#issued.set(token, user);
    this.#own.add(user);
    const reply = await this.#setUser(user, [...rules, `>${token}`]);
    if (reply instanceof ErrorReply) throw reply;
  }

  /** Runs the command `ACL`, as Upstash does over REST. */
  async run(caller: Caller, command: Command): Promise<Reply> {
    const [subcommand = '', user = '', ...rest] = command.slice(1).map(String);
    const name = subcommand.toUpperCase();
    // Redis refuses the app's user, which lacks the permission; only the default user manages users here.
    if (caller.user !== DEFAULT_USER) {
      if (this.#engineHasUsers) return (await caller.line()).send(command);
      return new ErrorReply("NOPERM this user has no permissions to run the 'acl' command");
    }
    switch (name) {
      case 'WHOAMI':
        return Buffer.from(caller.user);
      case 'GENTOKEN':
        if (user === '' || rest.length > 0) return notThere('ACL GENTOKEN with a password');
        return this.#generate(user);
      case 'RESTTOKEN':
        return this.#users.get(user)?.tokens.has(rest[0] ?? '')
          ? Buffer.from(rest[0] ?? '')
          : new ErrorReply('ERR no such user, or the password does not match');
      case 'SETUSER':
        return this.#setUser(user, rest);
      case 'GETUSER':
        return this.#engineHasUsers ? this.#options.line.send(command) : this.#describe(user);
      case 'DELUSER':
        return this.#delete(command, [user, ...rest]);
      case 'USERS':
        return [DEFAULT_USER, ...this.#users.keys()].map((each) => Buffer.from(each));
      default:
        return this.#engineHasUsers ? this.#options.line.send(command) : notThere(`ACL ${name}`);
    }
  }

  /** Returns the reply to a subscription without the permission. A real Redis is asked before the connection is made. */
  async subscriptionRefusal(caller: Caller, command: Command): Promise<string | undefined> {
    if (caller.user === DEFAULT_USER || !this.#engineHasUsers) return caller.refusalOf(command);
    const reply = await this.#options.line.send(['ACL', 'DRYRUN', caller.user, ...command]);
    return reply === 'OK' ? undefined : `NOPERM ${String(reply instanceof ErrorReply ? reply.message : reply)}`;
  }

  /** Closes the connections of all users, and removes the users of {@link Users.set}. */
  async close(): Promise<void> {
    // The Redis may be gone already.
    if (this.#engineHasUsers && this.#own.size > 0) {
      await this.#options.line.send(['ACL', 'DELUSER', ...this.#own]).catch(() => undefined);
    }
    const lines = await Promise.allSettled(this.#lines.values());
    for (const line of lines) if (line.status === 'fulfilled') line.value.close();
  }

  #generate(user: string): Reply {
    const token = randomBytes(32).toString('base64url');
    this.#issued.set(token, user);
    return Buffer.from(token);
  }

  async #setUser(user: string, rules: readonly string[]): Promise<Reply> {
    if (user === '' || user === DEFAULT_USER) return new ErrorReply('ERR the default user cannot be modified');
    try {
      const isIssued = (token: string) => this.#issued.get(token) === user;
      const rights = applyRules(this.#users.get(user) ?? noRights(), rules, isIssued, this.#engineHasUsers);
      if (this.#engineHasUsers) {
        const reply = await this.#options.line.send(['ACL', 'SETUSER', user, ...rules]);
        if (reply instanceof ErrorReply) return reply;
      }
      this.#users.set(user, rights);
      return 'OK';
    } catch (error) {
      if (error instanceof RuleError) return new ErrorReply(error.message);
      throw error;
    }
  }

  async #delete(command: Command, names: readonly string[]): Promise<Reply> {
    const known = names.filter((name) => this.#users.delete(name));
    return this.#engineHasUsers ? this.#options.line.send(command) : known.length;
  }

  /** Returns the reply of `ACL GETUSER` for a user that only this server knows. */
  #describe(user: string): Reply {
    const rights = this.#users.get(user);
    if (!rights) return null;
    const { isOn, tokens, commands, keys, channels } = rights;
    const text = (value: string) => Buffer.from(value);
    const digest = (token: string) => text(createHash('sha256').update(token).digest('hex'));
    const added =
      commands === 'all' ? '+@all' : ['-@all', ...[...commands].map((each) => `+${each.toLowerCase()}`)].join(' ');
    return [
      ...[text('flags'), [text(isOn ? 'on' : 'off')]],
      ...[text('passwords'), [...tokens].map(digest)],
      ...[text('commands'), text(added)],
      ...[text('keys'), text(keys.map((pattern) => `~${pattern}`).join(' '))],
      ...[text('channels'), text(channels.map((pattern) => `&${pattern}`).join(' '))],
      ...[text('selectors'), []],
    ];
  }

  #lineOf(token: string, redisUrl: string): Promise<Line> {
    const known = this.#lines.get(token);
    if (known) return known;
    const opened = this.#options.open(redisUrl).catch((cause: Error) => {
      throw new RedisUnavailableError(`Redis is not available: ${cause.message}`, { cause });
    });
    this.#lines.set(token, opened);
    // A connection that was not opened is tried again by the next request.
    opened.catch(() => this.#lines.delete(token));
    return opened;
  }
}

function urlOf(redisUrl: string, user: string, password: string): string {
  const url = new URL(redisUrl);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password);
  return url.href;
}

function notThere(what: string): ErrorReply {
  return new ErrorReply(`ERR the local Redis does not have ${what}: ${PAGE} lists the missing features`);
}
