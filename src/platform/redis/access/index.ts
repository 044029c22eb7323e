/** The access to Redis: which room sends which commands, and the user with exactly these rights. */
export { type RoomAccess, rooms } from './rooms.ts';
export { APP_USER, aclRules, type Grant, grantOf } from './user.ts';
