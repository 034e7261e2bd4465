import type * as z from 'zod';
import { closeMatch } from './close-match.ts';
import { ConfigError } from './config-error.ts';
import type { ConfigProblem } from './config-error.ts';
import { expectation } from './expectation.ts';
import { keysAt, schemaTree } from './schema-tree.ts';
import type { SchemaNode } from './schema-tree.ts';
import type { KeyPath, YamlSource } from './yaml-source.ts';

type Issue = z.core.$ZodIssue;

/**
 * Checks a file against its schema and gives its values with the defaults filled in.
 * @param notYet keys that are designed but do nothing in this version: refused, so that no promise goes unkept
 * @throws ConfigError with all problems that the schema finds
 */
export function validate<Schema extends z.ZodType>(
  source: YamlSource,
  schema: Schema,
  notYet: readonly string[],
): z.output<Schema> {
  const result = schema.safeParse(source.value, { error: expectation });
  if (result.success) return result.data;
  const tree = schemaTree(schema);
  throw new ConfigError(result.error.issues.flatMap((issue) => problemsOf(issue, [], source, tree, notYet)));
}

function problemsOf(
  issue: Issue,
  above: KeyPath,
  source: YamlSource,
  tree: SchemaNode,
  notYet: readonly string[],
): readonly ConfigProblem[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => source.problem([...path, key], unknownKey(key, keysAt(tree, path), notYet), 'key'));
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((branch) => branch.length > 0 && !branch.some(isOtherKind));
    if (meant !== undefined) return meant.flatMap((inner) => problemsOf(inner, path, source, tree, notYet));
  }
  return [source.problem(path, issue.message)];
}

/** An alternative that the value was never meant for: already its kind differs. */
function isOtherKind(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function unknownKey(key: string, known: readonly string[], notYet: readonly string[]): string {
  if (notYet.includes(key)) return 'this key is not supported by this version; take it out.';
  const close = closeMatch(key, known);
  if (close !== undefined) return `unknown key. Did you mean ${close}?`;
  return `unknown key. Possible here: ${known.join(', ')}.`;
}
