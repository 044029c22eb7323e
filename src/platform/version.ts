/** The version of Holdfast, as in `package.json`: in the OpenAPI document, and in `User-Agent` of outgoing requests. */
export const VERSION = '0.1.0';
