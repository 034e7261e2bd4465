import { resolve } from 'node:path';
import { StationError } from '../foundation/faults.ts';
import { builtinImage } from './builtin-images.ts';
import type { ImageDefinition } from './job-definition.ts';
import { fileProblem } from '../foundation/file-problem.ts';
import type { FileStamp, JobFiles } from './job-files.ts';
import { sha256 } from './job-identity.ts';
import type { SymbolicAddress } from './symbolic-addresses.ts';

/** One image of a job, in memory, as it is in its file: neither padded nor patched. */
export interface JobImage {
  /** The file as the job writes it, or `builtin …`. */
  readonly label: string;
  readonly at: number | SymbolicAddress;
  readonly bytes: Uint8Array;
}

/** A file that has been read: how to see that it is still the same. */
export interface WatchedFile {
  readonly label: string;
  readonly path: string;
  readonly sha256: string;
  stamp: FileStamp;
}

/**
 * Reads one image.
 * @param directory what relative files are relative to
 * @throws StationError J02 when the file cannot be read, J03 when its sha256 is not the one in the job, J04 when empty
 */
export function readJobImage(
  definition: ImageDefinition,
  directory: string,
  files: JobFiles,
): { readonly image: JobImage; readonly watched: WatchedFile | null } {
  const { source, at } = definition;
  if ('builtin' in source) {
    return { image: { label: `builtin ${source.builtin}`, at, bytes: builtinImage(source.builtin) }, watched: null };
  }
  const label = source.file;
  const path = resolve(directory, source.file);
  const { bytes, stamp } = readable(label, () => files.read(path));
  const found = sha256(bytes);
  if (definition.sha256 !== null && definition.sha256 !== found) {
    throw new StationError('J03', `${label} has the sha256 ${found}; the job asks for ${definition.sha256}.`);
  }
  if (bytes.length === 0) throw new StationError('J04', `${label} is empty.`);
  return { image: { label, at, bytes }, watched: { label, path, sha256: found, stamp } };
}

/**
 * Compares size, time and inode of a file with what they were; where they differ, its content. A file that was touched
 * but has the same content is accepted.
 * @throws StationError J02, J03
 */
export function checkUnchanged(file: WatchedFile, files: JobFiles): void {
  if (readable(file.label, () => files.stamp(file.path)) === file.stamp) return;
  const { bytes, stamp } = readable(file.label, () => files.read(file.path));
  if (sha256(bytes) !== file.sha256) {
    throw new StationError('J03', `${file.label} has been changed since the job was loaded.`);
  }
  file.stamp = stamp;
}

function readable<Result>(label: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new StationError('J02', `${label} cannot be read: ${fileProblem(error)}.`, { cause: error });
  }
}
