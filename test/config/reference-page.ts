import type * as z from 'zod';
import { jobSchema } from '../../src/config/job-schema.ts';
import { stationSchema } from '../../src/config/station-schema.ts';
import { asMapping, schemaTree } from '../../src/config/schema-tree.ts';
import type { SchemaNode } from '../../src/config/schema-tree.ts';

/** docs/config-station.md */
export function stationPage(): string {
  return page(
    'Station file',
    [
      'The station is described in one YAML file, `/etc/jigd/jigd.yaml` unless `--config` names another one.',
      '`config/station.example.yaml` is a complete one. Unknown keys are refused, and so is `page`, which this version does',
      'not carry out. Every error names file, line, column and key, and the program ends with exit code 78. Relative paths',
      'are relative to the file.',
    ],
    stationSchema,
  );
}

/** docs/config-job.md */
export function jobPage(): string {
  return page(
    'Job file',
    [
      'A job says what is written into a module and how it is checked. The files in `config/jobs/` are examples.',
      '`jigd job check FILE` shows what ends up where, `jigd job hash FILE` prints the hash to approve.',
      'Without a reset (`--reset none`) the module cannot be started, and `jigd flash` leaves the boot check out.',
      '',
      'Addresses that follow the flash size S: `rf-cal` is S - 0x5000, `init-data` is S - 0x4000, `system-params` is',
      'S - 0x2000. S is the declared size, or that of the module with `size: detect` or `keep`. `system-params` is where',
      'the documents of the SDK put `blank.bin`: one sector of the three at the end of the flash. To blank all three, add',
      '`builtin: blank` at S - 0x3000 and S - 0x1000 as numbers, or use `erase: all`.',
      '',
      'What `flash` sets goes into bytes 2 and 3 of the image at address 0, and digests are those of the bytes as set. A',
      'job whose image there is no sound E9 image is refused; where a job has none, `jigd job check` says what is not set.',
      '',
      "esptool's old sizes such as `4m` and `32m` are bits and are refused; `4M` is read as `4MB` and `512K` as `512KB`.",
    ],
    jobSchema,
  );
}

/** Each key with what it takes, its default and its description, in the order of the schema, as Markdown. */
function page(title: string, intro: readonly string[], schema: z.ZodType): string {
  return [`# ${title}`, intro.join('\n'), ...sections(schemaTree(schema), '')].join('\n\n') + '\n';
}

function sections(mapping: SchemaNode, prefix: string): readonly string[] {
  return Object.entries(mapping.properties ?? {}).flatMap(([name, node]) => {
    const key = `${prefix}${name}`;
    const isRequired = mapping.required?.includes(name) ?? false;
    const text = `## \`${key}\`\n\n${[takes(node), need(node, isRequired), node.description ?? ''].join(' ').trim()}`;
    // The keys inside a line are the same for every line: told once, with the first.
    const inner = repeated(key) ? undefined : asMapping(node);
    const item = node.items === undefined ? undefined : asMapping(node.items);
    return [
      text,
      ...(inner === undefined ? [] : sections(inner, `${key}.`)),
      ...(item === undefined ? [] : sections(item, `${key}[].`)),
    ];
  });
}

function repeated(key: string): boolean {
  return /^(nests\[\]\.)?lines\./.test(key) && key !== 'nests[].lines.gpio0';
}

function need(node: SchemaNode, isRequired: boolean): string {
  if (isRequired) return '_Required._';
  const { default: value } = node;
  if (typeof value !== 'string' && typeof value !== 'number') return '_Optional._';
  return `_Default: \`${value}\`._`;
}

function takes(node: SchemaNode): string {
  const { type, anyOf, minimum, maximum } = node;
  if (anyOf !== undefined) return `${[...new Set(anyOf.map((each) => takes(each).slice(0, -1)))].join(' or ')}.`;
  if (node.const !== undefined) return `${code(node.const)}.`;
  if (node.enum !== undefined) return `${node.enum.map(code).join(', ')}.`;
  if (type === 'integer') return `whole number, ${minimum} to ${maximum}.`;
  if (type === 'array') return `list of ${node.items === undefined ? 'values' : takes(node.items).slice(0, -1)}.`;
  return `${type === 'object' ? 'mapping' : 'text'}.`;
}

function code(value: unknown): string {
  return `\`${String(value)}\``;
}
