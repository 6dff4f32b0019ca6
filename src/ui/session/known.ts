import { remember, remembered } from '../support/memory.js';

/** Which dataset the zip at an address has become, so that a reload does not import it again; a changed zip has another version. */
const key = (address: URL): string => `winnow.src ${address.href}`;

/** What the server says of the file without sending it; null where it does not say, or is not reached: then whatever is here is taken. */
export async function versionOf(address: URL): Promise<string | null> {
  const answer = await fetch(address, { method: 'HEAD', cache: 'no-cache' }).catch(() => null);
  return answer?.ok ? (answer.headers.get('etag') ?? answer.headers.get('last-modified') ?? answer.headers.get('content-length')) : null;
}

export function knownDataset(address: URL, version: string | null): string | null {
  const [id, imported] = (remembered(key(address)) ?? '').split('\n');
  return id && (version === null || version === imported) ? id : null;
}

export function rememberDataset(address: URL, version: string | null, id: string | null): void {
  remember(key(address), id === null ? null : `${id}\n${version ?? ''}`);
}
