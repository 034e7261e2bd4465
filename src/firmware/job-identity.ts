import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { CanonicalValue } from './canonical-json.ts';
import type { JobDefinition } from './job-definition.ts';

/** Where bytes go: an address, or the name of one while the flash size is not known. */
type Place = number | string;

/**
 * Canonical JSON of everything that the job decides, with the content of its files and not their names.
 * @param images the bytes as they are in the files
 */
export function jobText(
  definition: JobDefinition,
  images: readonly { readonly at: Place; readonly bytes: Uint8Array }[],
): string {
  const { name, product, release, chip, flash, erase, skip, boot, policy } = definition;
  return canonicalJson({
    schema: 'jigd.job/1',
    name,
    product,
    release,
    chip,
    flash: { ...flash },
    images: contents(images),
    erase,
    skip,
    boot: typeof boot === 'string' ? boot : { ...boot, dialogue: boot.dialogue.map((step) => ({ ...step })) },
    policy: { ...policy, flashIds: policy.flashIds === null ? null : policy.flashIds.toSorted() },
  });
}

/** `sha256:…` of the text of a job: what a person approves (design §7). */
export function jobHash(text: string): string {
  return `sha256:${sha256(text)}`;
}

/**
 * `product:sha256…` over what ends up in the flash and how it is read: what counts as the same work. Names, time limits
 * and how it gets there (erase, skip) are no part of it, nor whether it may be done again (policy).
 * @param regions the bytes as they are written, patched
 */
export function operationOf(
  definition: JobDefinition,
  regions: readonly { readonly at: Place; readonly bytes: Uint8Array }[],
): string {
  const { product, chip, flash } = definition;
  const work = { schema: 'jigd.operation/1', chip, flash: { ...flash }, regions: contents(regions) };
  return `${product}:${sha256(canonicalJson(work))}`;
}

/** Hexadecimal SHA-256 of bytes. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** In one order, so that moving a line in the job changes nothing. */
function contents(items: readonly { readonly at: Place; readonly bytes: Uint8Array }[]): CanonicalValue {
  return items
    .map(({ at, bytes }) => ({ at, bytes: bytes.length, sha256: sha256(bytes) }))
    .sort((a, b) => (orderOf(a.at) < orderOf(b.at) ? -1 : 1));
}

function orderOf(at: Place): string {
  return typeof at === 'number' ? at.toString(16).padStart(8, '0') : `z ${at}`;
}
