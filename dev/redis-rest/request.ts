/**
 * Parses a request: one command, a pipeline, a transaction or a subscription, in any form of the REST API. The command
 * is in a JSON body, or in the segments of the path. In the second form, the body is one more argument, and the query
 * contains options.
 */

/** A command in the form in which it is sent to Redis: its name and its arguments, which are text or bytes. */
export type Command = [name: string, ...args: (string | Buffer)[]];

/** A parsed request. */
export type RestRequest =
  | { kind: 'command'; command: Command }
  | { kind: 'pipeline'; commands: Command[] }
  | { kind: 'transaction'; commands: Command[] }
  | { kind: 'subscribe'; mode: 'channels' | 'patterns'; names: string[] };

/** Methods whose body is part of the command. */
const WITH_BODY = new Set(['POST', 'PUT']);

/** The error for a request that cannot be run; the error's message is the `{ error }` of a 400 response. */
export class BadRequestError extends Error {
  readonly code = 'bad_request';
}

/**
 * Parses a request.
 *
 * @param target the raw request target, e.g. `/set/greeting/hello?EX=10`
 * @throws BadRequestError if the request is invalid
 */
export function parseRequest(method: string, target: string, body: Buffer): RestRequest {
  const url = new URL(target, 'http://redis');
  const segments = url.pathname.split('/').slice(1).map(decodeSegment);
  if (segments.at(-1) === '') segments.pop();
  const [first, ...rest] = segments;
  if (first === undefined) {
    if (!WITH_BODY.has(method)) throw new BadRequestError('ERR send a command as POST / or as a path');
    return { kind: 'command', command: parseCommand(parseJson(body)) };
  }
  const name = first.toLowerCase();
  if (rest.length === 0 && name === 'pipeline') return { kind: 'pipeline', commands: parseCommands(body) };
  if (rest.length === 0 && name === 'multi-exec') return { kind: 'transaction', commands: parseCommands(body) };
  if (name === 'subscribe' || name === 'psubscribe') {
    if (rest.length === 0) throw new BadRequestError(`ERR wrong number of arguments for '${name}' command`);
    return { kind: 'subscribe', mode: name === 'subscribe' ? 'channels' : 'patterns', names: rest };
  }
  const command: Command = [first, ...rest];
  if (WITH_BODY.has(method) && body.length > 0) command.push(body);
  for (const [option, value] of url.searchParams) {
    command.push(option);
    if (value !== '') command.push(value);
  }
  return { kind: 'command', command };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new BadRequestError('ERR the path is not valid percent-encoding');
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new BadRequestError('ERR failed to parse JSON request');
  }
}

function parseCommands(body: Buffer): Command[] {
  const commands = parseJson(body);
  if (!Array.isArray(commands) || commands.length === 0) {
    throw new BadRequestError('ERR expected a JSON array of commands');
  }
  return commands.map(parseCommand);
}

function parseCommand(value: unknown): Command {
  if (!Array.isArray(value)) throw new BadRequestError('ERR expected a command as a JSON array');
  const [name, ...args] = value.map(parseArgument);
  if (name === undefined || name === '') throw new BadRequestError('ERR empty command');
  return [name, ...args];
}

function parseArgument(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
    default:
      throw new BadRequestError('ERR an argument of a command must be a string, a number or a boolean');
  }
}
