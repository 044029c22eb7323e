/** One step of `provision`: a setting of a vendor, and the request that makes it as it must be. */

/** Values for the environment of the deployment, by variable. */
export type Values = Record<string, string>;

/** A step. Its text never has a secret. */
export interface Step {
  part: 'redis' | 'qstash' | 'hyperdrive';
  /** `done`: as it must be. `to do`: `apply` makes it so. `by hand`: only the operator can decide. `skipped`: no access. */
  state: 'done' | 'to do' | 'by hand' | 'skipped';
  text: string;
  /** Makes the setting as it must be. */
  apply?(): Promise<void>;
}

/** The steps of a vendor, and the values that are known after them. */
export interface Plan {
  steps: Step[];
  values(): Values;
}

/** Thrown if a vendor refuses a request. The message has no part of the answer, which could quote a secret. */
export class VendorError extends Error {
  override readonly name = 'VendorError';
  readonly code = 'VENDOR_REFUSED';
}

const PATIENCE_MS = 30_000;

/** Sends requests to the API of a vendor. */
export type VendorApi = (method: 'GET' | 'POST' | 'PATCH', path: string, body?: object) => Promise<unknown>;

/**
 * Makes the access to an API that speaks JSON.
 * @param vendor the name for messages.
 * @param base the URL of the API, without a slash at its end.
 * @throws {VendorError} by each request: if the vendor cannot be reached, or refuses.
 */
export function vendorApi(vendor: string, base: string, authorization: string): VendorApi {
  return async (method, path, body) => {
    const answer = await fetch(base + path, {
      method,
      headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch(() => null);
    if (!answer) throw new VendorError(`${vendor} does not answer ${method} ${path}`);
    if (answer.status === 401 || answer.status === 403) throw new VendorError(`${vendor} refuses the credentials`);
    if (!answer.ok) throw new VendorError(`${vendor} answers ${answer.status} to ${method} ${path}`);
    return answer.json().catch(() => null);
  };
}
