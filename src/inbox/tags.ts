/** The tags of the cached values of inboxes. */
import { type Tag, tag } from '../platform/redis/index.ts';

export const notificationTags = {
  ofUser: (userId: string): Tag => tag('user', userId, 'notifications'),
};
