/** The pages of the second factor: its second step at sign-in, and the user's own app, recovery codes and passkeys. */
import { html } from 'hono/html';
import type { Passkey } from '../passkeys/own-passkeys.ts';
import type { Markup, Page } from './layout.ts';

/** The script that asks the browser for a passkey. `dev/build/assets.ts` builds it. */
const SCRIPT = '/sign-in/passkey.js';

/** A field for a code of the app or a recovery code. */
const codeField = (label: string) => html`
  <label>${label} <small>of your authenticator app, or a recovery code</small>
    <input name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required maxlength="40" />
  </label>`;

/** Returns the page for the second step of sign-in. */
export function factorPage(): Page {
  return {
    title: 'Enter the code of your app',
    script: SCRIPT,
    body: html`
      <form method="post" action="/sign-in/factor">
        ${codeField('Code')}
        <button>Sign in</button>
      </form>
      <h2>Do you have a passkey?</h2>
      <form method="post" action="/sign-in/factor" data-passkey="get" data-options="/auth/factor/options">
        <input type="hidden" name="credential" />
        <p role="alert"></p>
        <button class="second" disabled>Use a passkey</button>
      </form>
      <h2>Too late?</h2>
      <p class="soft">You have five minutes. <a href="/sign-in">Sign in again</a></p>`,
  };
}

/** The state of the user's factor. */
export interface FactorState {
  hasFactor: boolean;
  passkeys: readonly Passkey[];
}

/** Returns the page of the user's own second factor. */
export function ownFactorPage({ hasFactor, passkeys }: FactorState): Page {
  return {
    title: 'Your second factor',
    script: SCRIPT,
    body: html`${hasFactor ? withFactor(passkeys) : WITHOUT}
      <h2>Done?</h2>
      <p class="soft"><a href="/welcome">To your account</a></p>`,
  };
}

const WITHOUT = html`
  <p>With an authenticator app, a stolen password is not enough to sign in as you.</p>
  <form method="post" action="/welcome/factor/begin"><button>Add an authenticator app</button></form>
  <p class="soft">Before you add it, sign in with a mailed code: that proves that you read your mail.</p>`;

function withFactor(passkeys: readonly Passkey[]): Markup {
  return html`
    <p>Sign-in asks for a code of your app. A change needs a code of the last five minutes.</p>
    <form method="post" action="/welcome/factor/again">
      ${codeField('Code to confirm that it is you')}
      <button>Confirm</button>
    </form>
    <h2>Passkeys</h2>
    ${passkeys.map(
      ({ id, name }) => html`
    <form method="post" action="/welcome/factor/passkeys/${id}/remove">
      <p>${name}</p>
      <button class="second" aria-label="Remove the passkey ${name}">Remove</button>
    </form>`,
    )}
    <form method="post" action="/welcome/factor/passkeys" data-passkey="create" data-options="/auth/passkeys/options">
      <input type="hidden" name="credential" />
      <label>Name of a new passkey <input name="name" required maxlength="60" /></label>
      <p role="alert"></p>
      <button disabled>Add a passkey</button>
    </form>
    <h2>Recovery codes</h2>
    <form method="post" action="/welcome/factor/codes">
      ${codeField('Code to make new recovery codes')}
      <button class="second">Make new recovery codes</button>
    </form>
    <h2>Remove your second factor</h2>
    <form method="post" action="/welcome/factor/remove">
      ${codeField('Code to remove the app, the recovery codes and the passkeys')}
      <button class="second">Remove</button>
    </form>`;
}

/** Returns the page with the secret of a new app, which the user confirms with a code. */
export function newAppPage({ secret, uri }: { secret: string; uri: string }): Page {
  return {
    title: 'Add this secret to your app',
    body: html`
      <p><strong>${secret}</strong></p>
      <p class="soft"><a href="${uri}">Open your app on this device</a></p>
      ${confirmForm}`,
  };
}

const confirmForm = html`
  <form method="post" action="/welcome/factor/confirm">
    <label>Code <small>that your app shows for Holdfast</small>
      <input name="code" autocomplete="one-time-code" inputmode="numeric" required maxlength="10" />
    </label>
    <button>Confirm</button>
  </form>`;

/** Returns the page after a wrong first code. The secret is not shown again: the app has it. */
export function confirmPage(): Page {
  return { title: 'Enter the next code of your app', body: confirmForm };
}

/** Returns the page with new recovery codes, which are shown once. */
export function recoveryCodesPage(codes: readonly string[]): Page {
  return {
    title: 'Your recovery codes',
    body: html`
      <p>Keep them where you keep important papers. Each signs you in once, in place of your app. They are not shown again.</p>
      <ul>${codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>
      <p class="soft"><a href="/welcome/factor">Done</a></p>`,
  };
}
