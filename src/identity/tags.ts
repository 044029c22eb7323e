/** The tags of cached values about users. They are here, because users are created here; see `crm/tags.ts`. */
import { type Tag, tag } from '../platform/redis/index.ts';

export const userTags = {
  one: (id: string): Tag => tag('user', id),
  all: tag('users'),
  names: tag('users', 'names'),
  of: (row: { id: string }): Tag[] => [userTags.all, userTags.one(row.id)],
};
