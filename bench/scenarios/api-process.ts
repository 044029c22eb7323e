/** The process of the API: earlier measurements leave a heap and compiled code that are not the app's. */
import { progressSince } from '../report/progress.ts';
import { serveParent } from '../servers/child.ts';
import { type ApiOptions, api } from './api.ts';

await serveParent(async ({ startedAt, ...options }: Omit<ApiOptions, 'progress'> & { startedAt: number }) => ({
  ready: await api({ ...options, progress: progressSince(startedAt) }),
  close: async () => {},
}));
