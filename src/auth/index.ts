/** Who somebody is: signing up and in, sessions, passwords, invitations. */
export { authRoutes } from './routes.ts';
export { authSchedules } from './schedules.ts';
export { userTags } from './tags.ts';
