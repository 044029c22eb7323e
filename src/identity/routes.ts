/** `/auth`, `/api-keys` and the sign-in pages. */
import { createRouter } from '../platform/http/index.ts';
import { apiKeyRoutes } from './api-key-routes.ts';
import { inviteRoutes } from './invite.ts';
import { pageRoutes } from './pages/routes.ts';
import { passwordRoutes } from './password.ts';
import { refreshRoutes } from './refresh.ts';
import { sessionRoutes } from './sessions.ts';
import { signInRoutes } from './sign-in.ts';
import { signUpRoutes } from './sign-up.ts';

export const authRoutes = createRouter();
for (const routes of [
  signUpRoutes,
  signInRoutes,
  refreshRoutes,
  sessionRoutes,
  passwordRoutes,
  inviteRoutes,
  pageRoutes,
  apiKeyRoutes,
]) {
  authRoutes.route('/', routes);
}
