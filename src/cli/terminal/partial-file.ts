import { open, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { fileProblem } from '../../foundation/file-problem.ts';

/** A file that gets its name only when it is whole: until then it lies beside it, and a failure takes it away. */
export class PartialFile implements AsyncDisposable {
  readonly #file: string;
  readonly #partial: string;
  readonly #force: boolean;
  readonly #handle: FileHandle;
  #finished = false;

  /** @param force replaces a file of that name @throws Error with one plain sentence when it cannot be written */
  static async create(file: string, force: boolean): Promise<PartialFile> {
    await refuseExisting(file, force);
    const partial = `${file}.${process.pid}.part`;
    try {
      return new PartialFile(file, partial, force, await open(partial, 'wx'));
    } catch (error) {
      throw new Error(`${file} cannot be written: ${writeProblem(error)}.`, { cause: error });
    }
  }

  private constructor(file: string, partial: string, force: boolean, handle: FileHandle) {
    this.#file = file;
    this.#partial = partial;
    this.#force = force;
    this.#handle = handle;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#inWords(() => this.#handle.writeFile(bytes));
  }

  /** Everything has been written: the file gets its name. */
  async finish(): Promise<void> {
    await refuseExisting(this.#file, this.#force);
    await this.#inWords(async () => {
      await this.#handle.sync();
      await rename(this.#partial, this.#file);
    });
    this.#finished = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
    if (!this.#finished) await rm(this.#partial, { force: true });
  }

  async #inWords(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw new Error(`${this.#file} cannot be written: ${writeProblem(error)}.`, { cause: error });
    }
  }
}

async function refuseExisting(file: string, force: boolean): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found === null) return;
  if (!found.isFile()) throw new Error(`${file} is no ordinary file: name another one.`);
  if (!force) throw new Error(`${file} exists already: name another file, or replace it with --force.`);
}

function writeProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'its folder does not exist';
  if (code === 'EACCES' || code === 'EROFS') return 'writing there is not permitted';
  if (code === 'ENOSPC') return 'the disk is full';
  return fileProblem(error);
}
