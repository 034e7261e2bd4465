import { readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { damageOf, openForReading } from '../file/database.ts';
import { isEmpty, knownVersion } from '../file/schema.ts';

/** The backups of a ledger in a folder, the newest first. Their names begin with that of the ledger. */
export function backupsIn(folder: string, ledgerPath: string): string[] {
  const pattern = new RegExp(`^\\d{8}T\\d{6}Z\\.backup$`);
  const prefix = `${basename(ledgerPath)}.`;
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && pattern.test(name.slice(prefix.length)))
    .toSorted()
    .toReversed()
    .map((name) => join(folder, name));
}

/** The name of a backup. @param at wall-clock ms */
export function backupFile(folder: string, ledgerPath: string, at: number): string {
  const stamp = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return join(folder, `${basename(ledgerPath)}.${stamp}.backup`);
}

/** When a backup was made, wall-clock ms. */
export function backupTime(file: string): number {
  const [, date = '', time = ''] = /\.(\d{8})T(\d{6})Z\.backup$/.exec(file) ?? [];
  const part = (text: string, at: number): string => text.slice(at, at + 2);
  return Date.parse(
    `${date.slice(0, 4)}-${part(date, 4)}-${part(date, 6)}T${part(time, 0)}:${part(time, 2)}:${part(time, 4)}Z`,
  );
}

/** The newest backup that passes its check; null when there is none, or the medium is not there. */
export async function newestSoundBackup(folder: string, ledgerPath: string): Promise<string | null> {
  let files: readonly string[];
  try {
    files = backupsIn(folder, ledgerPath);
  } catch {
    return null;
  }
  for (const file of files) if ((await backupDamage(file)) === null) return file;
  return null;
}

/** Why a copy of a ledger is of no use; null when it is a sound one. */
export async function backupDamage(file: string): Promise<string | null> {
  try {
    const connection = await openForReading(file);
    try {
      const damage = damageOf(connection);
      if (damage !== null) return damage;
      if (isEmpty(connection)) return 'it is empty';
      return knownVersion(connection) ? null : 'a newer program has written it';
    } finally {
      connection.close();
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Removes all backups but the newest ones.
 * @param made the one that was made last, by which a clock that was wrong is known: names behind it are older, whatever
 *   they say
 */
export function dropOldBackups(folder: string, ledgerPath: string, keep: number, made: string): void {
  const files = backupsIn(folder, ledgerPath);
  const before = files.filter((file) => file <= made);
  const ahead = files.filter((file) => file > made);
  for (const file of [...before, ...ahead].slice(keep)) rmSync(file, { force: true });
}
