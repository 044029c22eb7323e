/** Starts the local REST server, with its counters, in a child process. */
import { type Child, startChild } from './child.ts';

/** The numbers of requests and commands that ran, of requests that arrived, and of requests held back. */
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
  /** Holds all later requests back until {@link release}. */
  hold(): Promise<RestStatus>;
  /** Releases the requests that are held back now. */
  release(): Promise<RestStatus>;
  /** Lets all requests through, and counts their arrivals. */
  letThrough(): Promise<RestStatus>;
  /** Lets all requests through at full speed, without a count of arrivals. */
  ignore(): Promise<RestStatus>;
  close(): Promise<void>;
}

const TOKEN = 'bench-token';

/** Starts the REST server in front of a Redis. */
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
