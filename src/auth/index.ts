/** Who somebody is: signing up and in, sessions, passwords, invitations. */
export { endInvitation } from './invitation.ts';
export { authJobs } from './jobs.ts';
export { authRoutes } from './routes.ts';
export { authSchedules } from './schedules.ts';
export { userTags } from './tags.ts';
