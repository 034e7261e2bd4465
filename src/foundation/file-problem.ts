/** Why a file could not be read, without the path and the name of the system call, as the end of a sentence. */
export function fileProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'reading it is not permitted';
  if (code === 'EISDIR') return 'it is not an ordinary file';
  return error instanceof Error ? error.message : String(error);
}
