import type * as z from 'zod';
import { jobKeysNotYet, jobSchema } from './job-schema.ts';
import { validate } from './validate.ts';
import { readYaml } from './yaml-source.ts';

type Written = z.output<typeof jobSchema>;
type ImageWritten = Written['images'][number];
type StepWritten = NonNullable<Exclude<Written['boot'], 'off' | undefined>['dialogue']>[number];

/** A job file with its defaults filled in; its images are not read yet. */
export interface JobFile {
  readonly name: string;
  readonly product: string;
  readonly release: string | null;
  readonly chip: Written['chip'];
  readonly flash: Readonly<Written['flash']>;
  readonly images: readonly ImageEntry[];
  readonly erase: Written['erase'];
  readonly skip: Written['skip'];
  readonly boot: BootEntry | 'header' | 'off';
  readonly policy: PolicyEntry;
}

/** What the station may do with a module. */
export interface PolicyEntry {
  readonly reflash: Written['policy']['reflash'];
  readonly attempts: number;
  /** null: any. */
  readonly flashIds: readonly string[] | null;
  readonly variant: Written['policy']['variant'];
}

export interface ImageEntry {
  readonly source: { readonly file: string } | { readonly builtin: NonNullable<ImageWritten['builtin']> };
  readonly at: ImageWritten['at'];
  /** Lower case; null when the job names none. */
  readonly sha256: string | null;
}

export interface BootEntry {
  readonly baud: number;
  readonly expect: string | null;
  readonly version: string | null;
  readonly forbid: string | null;
  readonly fail: string | null;
  /** null: it follows the flash size. */
  readonly withinMs: number | null;
  readonly dialogue: readonly DialogueEntry[];
}

export interface DialogueEntry {
  readonly send: string;
  readonly expect: string;
  readonly fail: string | null;
  readonly withinMs: number;
}

/** Checks the text of a job file. @param file its name for messages. @throws ConfigError */
export function parseJobFile(text: string, file: string): JobFile {
  const { product, release, images, boot, policy, ...rest } = validate(readYaml(text, file), jobSchema, jobKeysNotYet);
  return {
    ...rest,
    product: product ?? rest.name,
    release: release ?? null,
    images: images.map(imageEntry),
    boot: bootEntry(boot),
    policy: { ...policy, flashIds: policy.flashIds ?? null },
  };
}

function imageEntry({ file = '', builtin, at, sha256 }: ImageWritten): ImageEntry {
  return { source: builtin === undefined ? { file } : { builtin }, at, sha256: sha256 ?? null };
}

function bootEntry(boot: Written['boot']): JobFile['boot'] {
  if (boot === undefined) return 'header';
  if (boot === 'off') return boot;
  const { baud, expect, version, forbid, fail, within, dialogue = [] } = boot;
  return {
    baud,
    expect: expect ?? null,
    version: version ?? null,
    forbid: forbid ?? null,
    fail: fail ?? null,
    withinMs: within ?? null,
    dialogue: dialogue.map(dialogueEntry),
  };
}

function dialogueEntry({ send, expect, fail, within }: StepWritten): DialogueEntry {
  return { send, expect, fail: fail ?? null, withinMs: within };
}
