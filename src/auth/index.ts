/** Who somebody is: signing up and in, sessions, passwords, invitations. */
export { userTags } from './tags.ts';
