/** The process that measures the API, without the heap and compiled code of earlier measurements. */
import { progressSince } from '../report/progress.ts';
import { serveParent } from '../servers/child.ts';
import { type ApiOptions, api } from './api.ts';

await serveParent(async ({ startedAt, ...options }: Omit<ApiOptions, 'progress'> & { startedAt: number }) => ({
  ready: await api({ ...options, progress: progressSince(startedAt) }),
  close: async () => {},
}));
