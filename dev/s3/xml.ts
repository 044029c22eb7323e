/** The answers of the local S3 in XML. */

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Returns an error of S3. */
export function errorXml(code: string, message: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${escaped(message)}</Message></Error>`;
}

/** Returns a page of the list of a bucket. The last name is the token of the next page. */
export function listXml(bucket: string, names: readonly string[], isTruncated: boolean): string {
  const contents = names.map((name) => `<Contents><Key>${escaped(name)}</Key></Contents>`).join('');
  const token = isTruncated ? `<NextContinuationToken>${escaped(names.at(-1) ?? '')}</NextContinuationToken>` : '';
  return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>${escaped(bucket)}</Name><IsTruncated>${isTruncated}</IsTruncated>${token}${contents}</ListBucketResult>`;
}
