/**
 * Joins the pipelines that the requests of one process send to Redis in one turn of the event loop. A process that
 * serves many requests at once, such as a server of Node, then sends one HTTP request for all of them, for a fraction of
 * the CPU of both sides. A pipeline is no transaction, so each command keeps its own reply and its own error.
 *
 * Under load a turn takes longer, so more pipelines join. Without load a pipeline is sent at once, alone.
 *
 * On workerd a request cannot use the promise of another request, so this file must not get into the Worker's bundle.
 */
/** The most commands of one joined request. */
const MOST_COMMANDS = 200;
/** The longest body of one joined request, in UTF-16 code units: Redis plans accept 1 MB or more. */
const LONGEST_BODY = 256 * 1024;

/** The part of a request that this file uses. */
interface Joinable {
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  signal?: AbortSignal;
  /** The number of commands in the body. */
  commands?: number;
}

/** The part of an answer that this file uses. */
interface Answered {
  readonly ok: boolean;
  text(): Promise<string>;
}

/** A pipeline that waits for the end of the turn. */
interface Part<Request extends Joinable, Answer> {
  url: string;
  request: Request;
  body: string;
  commands: number;
  settle(answer: Answer): void;
  fail(error: unknown): void;
  left: boolean;
}

/**
 * Returns a `fetch` that joins pipelines. A request joins others if it states its number of commands; all other
 * requests are sent as they are. A caller whose signal aborts is rejected at once; the joined request is aborted when
 * all its callers have left.
 */
export function joinPipelines<Request extends Joinable, Answer extends Answered>(
  send: (url: string, request?: Request) => Promise<Answer>,
): (url: string, request?: Request) => Promise<Answer> {
  let waiting: Part<Request, Answer>[] = [];

  function flush(): void {
    const parts = waiting.filter(({ left }) => !left);
    waiting = [];
    for (const group of groupsOf(parts)) {
      const [first, second] = group;
      if (first && second) void deliver(group, first);
      else if (first) void send(first.url, first.request).then(first.settle, first.fail);
    }
  }

  async function deliver(parts: readonly Part<Request, Answer>[], first: Part<Request, Answer>): Promise<void> {
    const body = `[${parts.map((part) => part.body.slice(1, -1)).join(',')}]`;
    const signal = whenAllAbort(parts.map(({ request }) => request.signal));
    try {
      const answer = await send(first.url, { ...first.request, body, signal });
      const replies = answer.ok ? itemsOf(await answer.text()) : null;
      const expected = parts.reduce((sum, { commands }) => sum + commands, 0);
      let from = 0;
      for (const part of parts) {
        const to = from + part.commands;
        // If the answer is a refusal or cannot be divided, every part gets the whole answer.
        if (replies?.length !== expected) part.settle(answer);
        else part.settle(withText(answer, `[${replies.slice(from, to).join(',')}]`));
        from = to;
      }
    } catch (error) {
      for (const part of parts) part.fail(error);
    }
  }

  return (url, request) => {
    const { body, commands, signal } = request ?? {};
    if (request === undefined || commands === undefined || typeof body !== 'string') return send(url, request);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const part: Part<Request, Answer> = { url, request, body, commands, settle: resolve, fail: reject, left: false };
      signal?.addEventListener('abort', () => {
        part.left = true;
        reject(signal.reason);
      });
      if (waiting.length === 0) setImmediate(flush);
      waiting.push(part);
    });
  };
}

/** Returns a signal that aborts when all the given signals have aborted. */
function whenAllAbort(signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  const all = new AbortController();
  let left = signals.length;
  for (const signal of signals) {
    signal?.addEventListener('abort', () => {
      left -= 1;
      if (left === 0) all.abort(signal.reason);
    });
  }
  return all.signal;
}

/** Divides pipelines into groups that may share a request: of one server and token, and not too large. */
function groupsOf<Each extends Part<Joinable, unknown>>(parts: readonly Each[]): Each[][] {
  const groups: Each[][] = [];
  const open = new Map<string, { group: Each[]; commands: number; length: number }>();
  for (const part of parts) {
    const place = `${part.url} ${part.request.headers?.['authorization']}`;
    const last = open.get(place);
    const [commands, length] = [part.commands + (last?.commands ?? 0), part.body.length + (last?.length ?? 0)];
    if (last && commands <= MOST_COMMANDS && length <= LONGEST_BODY) {
      last.group.push(part);
      Object.assign(last, { commands, length });
    } else {
      const group = [part];
      groups.push(group);
      open.set(place, { group, commands: part.commands, length: part.body.length });
    }
  }
  return groups;
}

/** Returns an answer that differs only in its text. */
function withText<Answer extends Answered>(answer: Answer, text: string): Answer {
  return { ...answer, text: async () => text };
}

/** Returns the texts of the items of a JSON list; `null` if the text is not a list. The items are not checked. */
export function itemsOf(text: string): string[] | null {
  if (text.charAt(0) !== '[' || text.charAt(text.length - 1) !== ']') return null;
  const items: string[] = [];
  let depth = 0;
  let from = 1;
  for (let at = 1; at < text.length - 1; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22:
        at = endOfString(text, at);
        break;
      case 0x5b:
      case 0x7b:
        depth += 1;
        break;
      case 0x5d:
      case 0x7d:
        depth -= 1;
        break;
      case 0x2c:
        if (depth > 0) break;
        items.push(text.slice(from, at));
        from = at + 1;
        break;
    }
  }
  if (depth !== 0) return null;
  if (text.length > 2) items.push(text.slice(from, -1));
  return items;
}

/** Returns the position of the quotation mark that ends the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === 0x5c) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
