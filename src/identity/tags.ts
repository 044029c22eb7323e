/**
 * The tags of cached values about users. The tags are in this folder, because this folder creates users; see
 * `crm/tags.ts`.
 */
import { type Tag, tag } from '../platform/redis/index.ts';

export const userTags = {
  one: (id: string): Tag => tag('user', id),
  all: tag('users'),
  names: tag('users', 'names'),
  of: (row: { id: string }): Tag[] => [userTags.all, userTags.one(row.id)],
};
