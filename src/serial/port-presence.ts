import { access } from 'node:fs/promises';

/** What the system says of a path at which there is nothing, also behind a link. */
const nothingThere = new Set(['ENOENT', 'ENOTDIR', 'ENODEV', 'ENXIO']);

/** Whether there is something at the path of a port. One that may not be looked at counts as there. Never rejects. */
export async function isPortThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return !nothingThere.has(code);
  }
}
