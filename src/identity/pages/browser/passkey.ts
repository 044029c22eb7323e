/**
 * The forms with `data-passkey`: the script asks the address in `data-options` for the options of a ceremony, asks the
 * browser for a passkey, puts the passkey into the field `credential` and sends the form.
 */

/** Messages by the name of the browser's error (WebAuthn Level 3, sections 5.1.3 and 5.1.4). */
const MESSAGES: Readonly<Record<string, string>> = {
  NotAllowedError: 'The browser has stopped waiting, or you have cancelled. Try again.',
  InvalidStateError: 'This device already has a passkey for your account.',
  NotSupportedError: 'This device cannot make a passkey.',
  SecurityError: 'Passkeys work only at the address of this service.',
};

async function credentialFor(form: HTMLFormElement): Promise<PublicKeyCredential | null> {
  const response = await fetch(form.dataset['options'] ?? '', {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    // A sign-in that waits is in a cookie.
    body: '{}',
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error((answer as { detail?: string }).detail ?? 'The service does not answer.');
  const made =
    form.dataset['passkey'] === 'create'
      ? await navigator.credentials.create({
          publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(answer as PublicKeyCredentialCreationOptionsJSON),
        })
      : await navigator.credentials.get({
          publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(answer as PublicKeyCredentialRequestOptionsJSON),
        });
  return made as PublicKeyCredential | null;
}

async function send(form: HTMLFormElement): Promise<void> {
  const field = form.elements.namedItem('credential') as HTMLInputElement;
  const message = form.querySelector('[role=alert]');
  try {
    const credential = await credentialFor(form);
    if (!credential) return;
    field.value = JSON.stringify(credential.toJSON());
    form.submit();
  } catch (error) {
    const { name, message: text } = error as Error;
    if (message) message.textContent = MESSAGES[name] ?? text;
  }
}

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-passkey]')) {
  const isSupported = 'PublicKeyCredential' in window && 'parseCreationOptionsFromJSON' in PublicKeyCredential;
  for (const button of form.querySelectorAll('button')) button.disabled = !isSupported;
  const message = form.querySelector('[role=alert]');
  if (!isSupported && message) message.textContent = 'This browser cannot use passkeys.';
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send(form);
  });
}
