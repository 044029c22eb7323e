/** The local REST server, in a process of its own, with its counters. */
import { type Child, startChild } from './child.ts';

/** The requests that have arrived, and those held back. */
export interface RestStatus {
  requests: number;
  commands: number;
  received: number;
  held: number;
}

/** A running REST server. */
export interface RestProcess {
  url: string;
  token: string;
  status(): Promise<RestStatus>;
  /** From now on requests wait for {@link release}. */
  hold(): Promise<RestStatus>;
  /** Releases the requests that wait now. */
  release(): Promise<RestStatus>;
  /** Lets all requests through, counting. */
  letThrough(): Promise<RestStatus>;
  /** Lets all requests through at full speed. */
  ignore(): Promise<RestStatus>;
  close(): Promise<void>;
}

const TOKEN = 'bench-token';

/** Starts it in front of a Redis. */
export async function startRest(redisUrl: string): Promise<RestProcess> {
  const child: Child<{ url: string }> = await startChild(new URL('./rest-process.ts', import.meta.url), {
    redisUrl,
    token: TOKEN,
  });
  const ask = (question: string) => child.ask<RestStatus>(question);
  return {
    url: child.ready.url,
    token: TOKEN,
    status: () => ask('status'),
    hold: () => ask('hold'),
    release: () => ask('release'),
    letThrough: () => ask('let through'),
    ignore: () => ask('ignore'),
    close: child.close,
  };
}
