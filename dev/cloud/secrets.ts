import { demoAuthKeys } from '../../prisma/demo.ts';
import { SDK_DEV } from '../qstash/sdk-dev-mode.ts';

/**
 * The secrets of the local cloud. They are fixed and public, so that a copied command works after a restart. They
 * protect nothing and are valid nowhere else. Every part listens only on the loopback address.
 */
export const LOCAL_SECRETS = {
  redisToken: 'local-redis-token',
  qstashToken: 'local-qstash-token',
  /** The keys of the SDK's development mode, so that an app in that mode works with the local cloud. */
  currentSigningKey: SDK_DEV.keys.current,
  nextSigningKey: SDK_DEV.keys.next,
  authKeys: demoAuthKeys,
  /** As in `authKeys`, the application refuses a key id that begins with `local` outside local mode. */
  sealKeys: 'local1:bG9jYWwgaG9sZGZhc3Qgc2VhbCBrZXkgMSAgIC4uLi4=',
  auditSigningKeys: 'local1:bG9jYWwgaG9sZGZhc3QgYXVkaXQga2V5IDEgIC4uLi4=',
  /** The secret of the local S3's access key `local`. */
  s3Secret: 'local-s3-secret',
  mailToken: 'local-mail-token',
} as const;
