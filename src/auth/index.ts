/** Who somebody is: signing up and in, sessions, passwords, invitations. */
export { endKeysOfUser } from './api-keys.ts';
export { holdGrants, requireGrant, requireOwnerLeft } from './grants.ts';
export { authJobs } from './jobs.ts';
export { authRoutes } from './routes.ts';
export { authSchedules } from './schedules.ts';
export { person } from './sessions.ts';
export { userTags } from './tags.ts';
