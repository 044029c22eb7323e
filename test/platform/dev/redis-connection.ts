/** A direct connection to a Redis, for tests that check its contents without the REST server. */
import { createClient } from '@redis/client';

export async function redisConnection(url: string) {
  const client = createClient({ url, RESP: 2, disableClientInfo: true, maintNotifications: 'disabled' });
  await client.connect();
  return {
    send: (...command: string[]): Promise<unknown> => client.sendCommand(command),
    close: () => client.destroy(),
  };
}
