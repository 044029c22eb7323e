/** The page after sign-in: the user, the tenant, and forms to set a password and to sign out. */
import { html } from 'hono/html';
import type { Page } from './layout.ts';

/** The signed-in user. */
export interface SignedIn {
  name: string;
  email: string;
  role: string;
  tenant: { id: string; name: string };
  hasPassword: boolean;
  /** True in local mode, which has a page with live updates. */
  isLocal: boolean;
  /** True if the user may see the console of operators. */
  mayOperate: boolean;
  /** True if the user has a part in the care area. */
  mayCare: boolean;
}

/** Returns the page after sign-in. */
export function welcomePage({ name, email, role, tenant, hasPassword, isLocal, mayOperate, mayCare }: SignedIn): Page {
  return {
    title: 'You are signed in',
    body: html`
      <dl>
        <dt>Organization</dt><dd>${tenant.name} (${tenant.id})</dd>
        <dt>Name</dt><dd>${name}</dd>
        <dt>E-mail address</dt><dd>${email}</dd>
        <dt>Role</dt><dd>${role}</dd>
      </dl>
      ${isLocal ? html`<p><a href="/live">Live board</a></p>` : ''}
      ${mayCare ? html`<p><a href="/care">Care</a></p>` : ''}
      ${mayOperate ? html`<p><a href="/console">Console</a></p>` : ''}
      <p><a href="/welcome/factor">Second factor and passkeys</a></p>
      <form method="post" action="/sign-out"><button class="second">Sign out</button></form>
      <h2>${hasPassword ? 'Change your password' : 'Set a password'}</h2>
      ${hasPassword ? '' : html`<p class="soft">You have no password: you sign in with a mailed code.</p>`}
      <form method="post" action="/welcome/password">
        ${
          hasPassword
            ? html`<label>Current password <small>not needed just after a mailed code</small>
          <input type="password" name="current" autocomplete="current-password" maxlength="1024" />
        </label>`
            : ''
        }
        <label>New password <small>15 characters or more</small>
          <input type="password" name="password" autocomplete="new-password" required maxlength="1024" />
        </label>
        <button>${hasPassword ? 'Change password' : 'Set password'}</button>
      </form>`,
  };
}
