import { userInfo } from 'node:os';

/** Who is logged in, behind sudo too. */
export function loginName(): string {
  const { SUDO_USER: behindSudo } = process.env;
  if (behindSudo !== undefined && behindSudo !== '') return behindSudo;
  try {
    return userInfo().username;
  } catch {
    // A user without a name, as in a container.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
