/**
 * Leaves the attestations of authenticators' makers out of the WebAuthn library: their certificates, revocation lists and
 * metadata are two thirds of it. Passkeys need none: the service asks for no attestation, and `madeCredential` refuses a
 * credential with one before the library reads it.
 */
import type { Plugin } from 'esbuild';

/** The modules of the library that only such attestations need, by the name that each exports. */
const LEFT_OUT = [
  ...['verifyAttestationAndroidKey', 'verifyAttestationAndroidSafetyNet', 'verifyAttestationApple'],
  ...['verifyAttestationFIDOU2F', 'verifyAttestationTPM', 'validateCertificatePath', 'getCertificateInfo'],
  ...['validateExtFIDOGenCEAAGUID', 'convertX509PublicKeyToCOSE', 'isCertRevoked'],
];
/** The services of the library, which keep the makers' certificates and the metadata. */
const SERVICES = ['settingsService', 'metadataService'];
const pattern = new RegExp(`/(${[...LEFT_OUT, ...SERVICES].join('|')})\\.js$`);

const REFUSE = `() => { throw new Error('The build has no attestations') }`;
const EMPTY = '{ getRootCertificates: () => [], getStatement: () => undefined }';

/** The plugin for esbuild. */
export const withoutAttestations: Plugin = {
  name: 'without-attestations',
  setup(build) {
    build.onResolve({ filter: pattern }, ({ path, importer }) =>
      importer.includes('/@simplewebauthn/server/')
        ? { path: pattern.exec(path)?.[1] ?? '', namespace: 'without-attestations' }
        : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'without-attestations' }, ({ path }) => ({
      contents: SERVICES.includes(path)
        ? `export const ${path.replace(/^./, (first) => first.toUpperCase())} = ${EMPTY};`
        : `export const ${path} = ${REFUSE};`,
    }));
  },
};
