/** The Redis whose users are managed, and the token of its user with all rights. */
import type { RestAddress } from '../backup/rest.ts';
import { findRunning, NoLocalCloudError } from '../cloud/running.ts';

/**
 * Returns the address of `UPSTASH_REDIS_REST_URL`, and else that of the running local cloud. The token of all rights is
 * in `UPSTASH_REDIS_REST_ADMIN_TOKEN`, because a deployment has the token of the app in `UPSTASH_REDIS_REST_TOKEN`.
 *
 * @throws NoLocalCloudError if neither is there
 */
export async function adminAddress(environment: NodeJS.ProcessEnv): Promise<RestAddress> {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_ADMIN_TOKEN: token } = environment;
  if (url && token) return { url, token };
  if (url) throw new NoLocalCloudError('Set UPSTASH_REDIS_REST_ADMIN_TOKEN: the token of the default user');
  const running = await findRunning();
  const { UPSTASH_REDIS_REST_URL: local, UPSTASH_REDIS_REST_TOKEN: admin } = running ?? {};
  if (local && admin) return { url: local, token: admin };
  throw new NoLocalCloudError(
    'Start `npm run dev`, or set UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_ADMIN_TOKEN (the default user’s)',
  );
}
