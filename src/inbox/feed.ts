/** The live updates of inboxes. */
import { z } from 'zod';
import { feed } from '../platform/feeds/index.ts';

export const inboxFeed = feed('inbox', {
  audience: 'user',
  // Every user has an inbox, with any rights.
  access: null,
  event: z.object({ type: z.enum(['notification.created', 'notification.read']), id: z.string() }),
  description: 'new and read notifications of the signed-in user',
});
