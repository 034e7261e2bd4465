import * as z from 'zod';

/** What the reference page and the error messages need of a schema: JSON Schema, as zod describes its input. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
}

/** The tree of a schema. */
export function schemaTree(schema: z.ZodType): SchemaNode {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as SchemaNode;
}

/** The node itself, or the mapping among its alternatives. */
export function asMapping(node: SchemaNode): SchemaNode | undefined {
  return [node, ...(node.anyOf ?? [])].find(({ properties }) => properties !== undefined);
}

/** The keys that the mapping at a path may have; none when there is no mapping. */
export function keysAt(root: SchemaNode, path: readonly PropertyKey[]): readonly string[] {
  let node: SchemaNode | undefined = root;
  for (const step of path) {
    node = typeof step === 'number' ? node?.items : node && asMapping(node)?.properties?.[String(step)];
  }
  return Object.keys((node && asMapping(node)?.properties) ?? {});
}
