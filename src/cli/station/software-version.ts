import { createRequire } from 'node:module';

/** The version of this program as records carry it, such as "0.1.0". */
export function softwareVersion(): string {
  const { version } = createRequire(import.meta.url)('../../../package.json') as { readonly version: string };
  return version;
}
