/**
 * URL groups: a URL group is a name for several endpoints, and each endpoint gets a message. The paths of the API call
 * a URL group a topic.
 */
import { checkedUrl } from './destination.ts';
import { RequestError } from './request-error.ts';

/** One endpoint of a group. */
export interface Endpoint {
  name?: string;
  url: string;
}

/** A URL group. */
export interface Topic {
  name: string;
  createdAt: number;
  updatedAt: number;
  endpoints: Endpoint[];
  /** The default headers of messages to the group, with lower-case names; a request may override them. */
  headers: Record<string, string>;
}

/**
 * Reads the `endpoints` of a request.
 *
 * @throws RequestError if the endpoints are missing or invalid
 */
export function readEndpoints(value: unknown): { name?: string; url?: string }[] {
  const list = typeof value === 'object' && value !== null && 'endpoints' in value ? value.endpoints : undefined;
  if (!Array.isArray(list) || list.length === 0)
    throw new RequestError(400, 'expected { endpoints: [{ url, name? }] }');
  return list.map((item: unknown) => {
    const { name, url } = Object(item) as { name?: unknown; url?: unknown };
    if (typeof name !== 'string' && typeof url !== 'string') throw new RequestError(400, 'an endpoint needs a url');
    return { ...(typeof name === 'string' && name !== '' && { name }), ...(typeof url === 'string' && { url }) };
  });
}

/** Adds endpoints to a list. A new endpoint replaces an existing endpoint with the same URL or name. */
export function addEndpoints(endpoints: readonly Endpoint[], added: { name?: string; url?: string }[]): Endpoint[] {
  let all = [...endpoints];
  for (const { name, url } of added) {
    if (url === undefined) throw new RequestError(400, 'an endpoint needs a url');
    const endpoint: Endpoint = { ...(name !== undefined && { name }), url: checkedUrl(url) };
    const at = all.findIndex((other) => isSame(other, endpoint));
    if (at === -1) all = [...all, endpoint];
    else all = all.toSpliced(at, 1, endpoint).filter((other, index) => index <= at || !isSame(other, endpoint));
  }
  return all;
}

/** Returns the list without the endpoints that have one of the given names or URLs. */
export function removeEndpoints(
  endpoints: readonly Endpoint[],
  removed: { name?: string; url?: string }[],
): Endpoint[] {
  return endpoints.filter((endpoint) => !removed.some((other) => isSame(endpoint, other)));
}

function isSame(endpoint: Endpoint, other: { name?: string; url?: string }): boolean {
  return endpoint.url === other.url || (endpoint.name !== undefined && endpoint.name === other.name);
}

/** Describes a group with the fields of the API. */
export function describeTopic({ name, createdAt, updatedAt, endpoints }: Topic): Record<string, unknown> {
  return { name, createdAt, updatedAt, endpoints };
}
