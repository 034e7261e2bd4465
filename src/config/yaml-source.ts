import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, YAMLError } from 'yaml';
import { ConfigError } from './config-error.ts';
import type { ConfigProblem } from './config-error.ts';

/** Steps from the top of a file to a value: keys of mappings and indexes of lists. */
export type KeyPath = readonly PropertyKey[];

/** A YAML file as plain values that still knows where each of them is written. */
export interface YamlSource {
  readonly file: string;
  readonly value: unknown;
  /**
   * A problem at a key: at its value, for an unknown key at the key itself, for a missing one at what should have it.
   */
  problem(path: KeyPath, message: string, at?: 'key' | 'value'): ConfigProblem;
}

/** A control character other than tab, carriage return and line feed, or what stands for bytes that are no UTF-8. */
const alienCharacter = /[^\P{Cc}\t\r\n]|\uFFFD/u;
const shownFaults = 3;
const shownCharacters = 160;

/**
 * Reads YAML 1.2 text.
 * @param file its name for messages
 * @throws ConfigError for what is no text, for syntax errors, of which the first few are told, and for keys that are
 *   written twice
 */
export function readYaml(text: string, file: string): YamlSource {
  const alien = text.search(alienCharacter);
  if (alien >= 0) throw new ConfigError([noText(text.slice(0, alien), file)]);
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const problemAt = (offset: number, key: string, message: string): ConfigProblem => {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), key, message };
  };
  const faults = firstFaults([...document.errors, ...document.warnings]);
  if (faults.length > 0) {
    throw new ConfigError(
      faults.map((fault) => {
        const twice = fault.code === 'DUPLICATE_KEY';
        const key = twice ? (/^[\w-]+/.exec(text.slice(fault.pos[0]))?.[0] ?? '') : '';
        const message = twice ? 'this key is written twice.' : `this is no valid YAML: ${shown(fault.message)}`;
        return problemAt(fault.pos[0], key, message);
      }),
    );
  }
  return {
    file,
    value: valueOf(document, problemAt),
    problem: (path, message, at = 'value') => problemAt(offsetOf(document, path, at), pathText(path), message),
  };
}

/** @param before the text before the first character that does not belong into a text */
function noText(before: string, file: string): ConfigProblem {
  const lines = before.split('\n');
  const message = 'this is no text file: expected UTF-8 without control characters.';
  return { file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, key: '', message };
}

/** One mistake in the syntax makes everything behind it look wrong. */
function firstFaults(faults: readonly YAMLError[]): readonly YAMLError[] {
  let syntaxFaults = 0;
  return faults.filter(({ code }) => code === 'DUPLICATE_KEY' || ++syntaxFaults <= shownFaults);
}

/** A message in one line of a terminal: it may quote any part of the file. */
function shown(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ');
  return line.length <= shownCharacters ? line : `${line.slice(0, shownCharacters)}…`;
}

/** A path as people write it: `nests[0].lines.pass`. */
export function pathText(path: KeyPath): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`))
    .join('');
}

/** Aliases are followed here, which fails when there are too many of them or one names nothing. */
function valueOf(
  document: Document,
  problemAt: (offset: number, key: string, message: string) => ConfigProblem,
): unknown {
  try {
    return document.toJS() as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([problemAt(0, '', `this is no valid YAML: ${shown(reason)}`)], { cause: error });
  }
}

/** Where in the text a path is written, or the nearest thing around it. */
function offsetOf(document: Document, path: KeyPath, at: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let nearest = startOf(node, 0);
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? String(key.value) : null) === String(step));
      if (pair === undefined) return nearest;
      nearest = startOf(pair.key, nearest);
      if (at === 'key' && index === path.length - 1) return nearest;
      next = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      next = node.items[step];
      if (next === undefined) return nearest;
      nearest = startOf(next, nearest);
    } else {
      return nearest;
    }
    node = next;
  }
  return startOf(node, nearest);
}

function startOf(node: unknown, otherwise: number): number {
  return isNode(node) && node.range ? node.range[0] : otherwise;
}
