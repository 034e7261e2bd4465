import { deflateSync, inflateSync } from 'node:zlib';
import type { RunEvidence } from '../../nest/evidence/run-evidence.ts';

/** The most that the evidence of one run takes in the ledger, bytes, compressed. */
export const evidenceBytesAtMost = 65_536;

/** Far more than what fits compresses from: a damaged content must not fill the memory. */
const inflatedBytesAtMost = 64 * 1024 * 1024;
const sentenceAtMost = 2_000;
const smallestShare = 1 / 64;

/** Compressed JSON. What would take more than `evidenceBytesAtMost` is shortened, and says so. */
export function encodeEvidence(evidence: RunEvidence): Uint8Array {
  let content = compressed(evidence);
  for (let share = 1 / 2; content.length > evidenceBytesAtMost; share /= 2) {
    content = compressed(share < smallestShare ? withoutDetails(evidence) : shortened(evidence, share));
    if (share < smallestShare) break;
  }
  return content;
}

/** Null when the content is damaged or of a kind that this version does not know. */
export function decodeEvidence(content: Uint8Array): RunEvidence | null {
  try {
    const text = inflateSync(content, { maxOutputLength: inflatedBytesAtMost }).toString('utf8');
    const value = JSON.parse(text) as { readonly schema?: unknown } | null;
    return value?.schema === 'jigd.evidence/1' ? (value as RunEvidence) : null;
  } catch {
    return null;
  }
}

function compressed(evidence: RunEvidence): Uint8Array {
  return deflateSync(JSON.stringify(evidence));
}

/** The last of the frames and changes, and less of each text. */
function shortened(evidence: RunEvidence, share: number): RunEvidence {
  const part = (length: number): number => Math.floor(length * share);
  const last = <T>(items: readonly T[]): readonly T[] => items.slice(-Math.ceil(items.length * share));
  return {
    ...evidence,
    detail: evidence.detail.slice(0, sentenceAtMost),
    texts: last(evidence.texts).map(({ start, end, ...text }) => ({
      ...text,
      start: start.slice(0, part(start.length)),
      end: end.slice(end.length - part(end.length)),
    })),
    frames: last(evidence.frames),
    changes: last(evidence.changes),
    cut: 'It was too much: texts, frames and changes before the last are shortened or left out.',
  };
}

function withoutDetails(evidence: RunEvidence): RunEvidence {
  return {
    ...evidence,
    detail: evidence.detail.slice(0, sentenceAtMost),
    identity: {},
    phases: evidence.phases.slice(-8),
    texts: [],
    frames: [],
    changes: [],
    digestsExpected: [],
    digestsActual: [],
    cut: 'It was too much: texts, frames, changes and digests are left out.',
  };
}

/** Null when there is none, and when it cannot be made. */
export function contentOf(evidence: RunEvidence | null): Uint8Array | null {
  try {
    return evidence === null ? null : encodeEvidence(evidence);
  } catch {
    return null;
  }
}
