/** The operators' console: pages that show the state of the platform, and forms that change it. */
export type { ConsoleParts } from './addresses.ts';
export { consoleRoutes } from './routes.ts';
