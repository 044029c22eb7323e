/** The sign-in pages: with address and password, with a mailed code or link, with an invitation. */
import { html } from 'hono/html';
import type { Markup, Page } from './layout.ts';

/** Checked values from the URL that a form may show. No other part of a URL gets into a page. */
export interface Prefilled {
  tenant?: string | undefined;
  email?: string | undefined;
}

/** Returns the page for address and password, or for a code by mail. */
export function signInPage(prefilled: Prefilled): Page {
  return {
    title: 'Sign in',
    body: html`
      <form method="post" action="/sign-in/password">
        <label>E-mail address
          <input type="text" inputmode="email" autocapitalize="none" spellcheck="false" name="email" value="${prefilled.email ?? ''}" autocomplete="username" required maxlength="254" />
        </label>
        ${tenantField(prefilled.tenant)}
        <label>Password
          <input type="password" name="password" autocomplete="current-password" maxlength="1024" />
        </label>
        <button>Sign in</button>
        <button class="second" formaction="/sign-in/send-code">Mail me a code instead</button>
      </form>`,
  };
}

/** Returns the page for a mailed code. `code` is filled in. The code of a link is filled in invisibly. */
export function codePage({ code, tenant }: { code?: string | undefined; tenant?: string | undefined } = {}): Page {
  const isLink = code !== undefined && code.length > 8;
  return {
    title: isLink ? 'Sign in with your link' : 'Enter your code',
    body: html`
      ${isLink ? '' : html`<p>If the address has an account, a code or a link is in its mailbox. It works only in this browser.</p>`}
      <form method="post" action="/sign-in/code">
        ${
          isLink
            ? html`<input type="hidden" name="code" value="${code}" />`
            : html`<label>Code
          <input name="code" value="${code ?? ''}" inputmode="numeric" autocomplete="one-time-code" required maxlength="40" />
        </label>`
        }
        <button>Sign in</button>
      </form>
      <h2>${isLink ? 'Another browser?' : 'No mail?'}</h2>
      <p class="soft">${
        isLink
          ? 'The link works in a browser that asked to sign in.'
          : 'Check the spam folder, the address and the name of the organization.'
      } <a href="${signInPath(tenant)}">Request a new code</a></p>`,
  };
}

/**
 * Returns the page for an invitation. The code is used only when the user presses the button. So a mail scanner that
 * opens the page does not use up the code.
 */
export function invitationPage({ tenant, invitation }: { tenant: string; invitation: string }): Page {
  return {
    title: 'Accept your invitation',
    body: html`
      <p>You are invited to the organization <strong>${tenant}</strong>.</p>
      <form method="post" action="/sign-in/invitation">
        <input type="hidden" name="tenant" value="${tenant}" />
        <input type="hidden" name="invitation" value="${invitation}" />
        <button>Accept and sign in</button>
      </form>
      <h2>Signed in before?</h2>
      <p class="soft">The link works once. <a href="${signInPath(tenant)}">Sign in with your address</a></p>`,
  };
}

function signInPath(tenant: string | undefined): string {
  return tenant === undefined ? '/sign-in' : `/sign-in?${new URLSearchParams({ tenant })}`;
}

function tenantField(tenant: string | undefined): Markup {
  return html`<label>Organization <small>its short name, needed at your first sign-in</small>
          <input name="tenant" value="${tenant ?? ''}" autocomplete="organization" autocapitalize="none" spellcheck="false" maxlength="40" />
        </label>`;
}
