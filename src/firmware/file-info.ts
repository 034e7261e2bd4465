import { createHash } from 'node:crypto';
import type { ChipDefinition } from '../chips/chip-definition.ts';
import { sectorBytes } from './flash-layout.ts';
import { describeImage } from './image-info.ts';
import type { ImageInfo } from './image-info.ts';

/** One piece of a file. */
export interface FilePart {
  readonly offset: number;
  readonly bytes: number;
  /** filler: nothing but FF, or nothing but 00. */
  readonly kind: 'image' | 'data' | 'filler';
  readonly image: ImageInfo | null;
}

/** A firmware file: one image, or several things merged into one. */
export interface FileInfo {
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly md5: string;
  readonly sha256: string;
  /** In their order, without a gap; the first begins at 0. */
  readonly parts: readonly FilePart[];
  /** No image in it is damaged or for another chip; null when nothing is known of the file. */
  readonly sound: boolean | null;
  /** What is worth knowing about the file as a whole, as plain sentences. */
  readonly remarks: readonly string[];
}

/** Looks at the image at the beginning of a file and at what follows it (protocol reference §7.3, §7.5). */
export function describeFile(bytes: Uint8Array, chip: ChipDefinition): FileInfo {
  const parts = partsOf(bytes);
  const digest = (kind: 'md5' | 'sha256'): string => createHash(kind).update(bytes).digest('hex');
  return {
    bytes: bytes.length,
    md5: digest('md5'),
    sha256: digest('sha256'),
    parts,
    sound: soundOf(parts),
    remarks: fileRemarks(bytes, parts, chip),
  };
}

function soundOf(parts: readonly FilePart[]): boolean | null {
  const sounds = parts.map(({ image }) => (image === null ? true : image.sound));
  if (sounds.includes(false)) return false;
  return sounds.includes(null) ? null : true;
}

function partsOf(bytes: Uint8Array): readonly FilePart[] {
  const first = describeImage(bytes);
  const kind = first.kind === 'none' ? 'data' : 'image';
  const parts: FilePart[] = [{ offset: 0, bytes: first.bytes, kind, image: first }];
  for (let at = first.bytes; at < bytes.length;) {
    const image = at % sectorBytes === 0 ? imageAt(bytes.subarray(at)) : null;
    const end = image === null ? Math.min(bytes.length, at - (at % sectorBytes) + sectorBytes) : at + image.bytes;
    append(parts, {
      offset: at,
      bytes: end - at,
      kind: image === null ? contentKind(bytes.subarray(at, end)) : 'image',
      image,
    });
    at = end;
  }
  return parts;
}

/** Bytes that begin like an image by chance do not have the right checksum. */
function imageAt(bytes: Uint8Array): ImageInfo | null {
  const image = describeImage(bytes, 'boot-loader');
  return (image.kind === 'rom' || image.kind === 'second-stage') && image.sound === true ? image : null;
}

function contentKind(bytes: Uint8Array): 'data' | 'filler' {
  const [first] = bytes;
  return (first === 0xff || first === 0) && bytes.every((byte) => byte === first) ? 'filler' : 'data';
}

/** Neighbours that are alike become one part. */
function append(parts: FilePart[], part: FilePart): void {
  const last = parts.at(-1);
  if (last === undefined || part.image !== null || last.image !== null || last.kind !== part.kind) parts.push(part);
  else parts.splice(-1, 1, { ...last, bytes: last.bytes + part.bytes });
}

function fileRemarks(bytes: Uint8Array, parts: readonly FilePart[], chip: ChipDefinition): readonly string[] {
  const remarks: string[] = [];
  const follows = parts.slice(1).some(({ kind }) => kind !== 'filler');
  if (follows) {
    remarks.push(
      'It is a merged file: writing it also writes the filler between its parts, and what the module kept there is lost.',
    );
  }
  const [first] = parts;
  const header = first?.image?.header;
  if (header !== null && header !== undefined && first?.image?.kind !== 'esp32') {
    const stated = Object.values(chip.header.sizes).find(({ code }) => code === header.sizeCode);
    if (stated === undefined) remarks.push('The flash size in its header is unknown.');
    else if (bytes.length > stated.bytes) {
      remarks.push(
        `It has ${bytes.length} bytes, more than the ${stated.bytes / 1024} KB of flash that its header states.`,
      );
    }
  }
  return remarks;
}
