/** The application in workerd. Each request connects for itself, because a socket may not serve two of them. */
import { pgStore } from 'holdfast/pg';
import pg from 'pg';
import { createApp, type Settings } from './app.js';

type Environment = Omit<Settings, 'APP_URL'> & { DATABASE_URL: string };
let app: ReturnType<typeof createApp> | undefined;

export default {
  fetch(request: Request, env: Environment, context: Parameters<ReturnType<typeof createApp>['fetch']>[2]) {
    app ??= createApp({ ...env, APP_URL: new URL(request.url).origin }, () => {
      const pool = new pg.Pool({ connectionString: env.DATABASE_URL, max: 1 });
      return { store: pgStore(pool), close: () => pool.end() };
    });
    return app.fetch(request, env, context);
  },
};
