/** The inbox: the notifications of a user, which every product may add. The CRM serves them at `/notifications`. */
export { addNotifications, type NewNotification } from './add.ts';
export { inboxFeed } from './feed.ts';
export { notificationTags } from './tags.ts';
