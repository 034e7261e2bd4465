import type { ChipDefinition } from '../chips/chip-definition.ts';
import { chips, findChip } from '../chips/registry.ts';
import { StationError } from '../foundation/faults.ts';
import { checkFit, checkLayout } from './flash-layout.ts';
import { patchHeader, sizeNameOf } from './header-patch.ts';
import { checkUnchanged, readJobImage } from './image-files.ts';
import type { JobImage } from './image-files.ts';
import { readImage } from './image-header.ts';
import type { JobDefinition } from './job-definition.ts';
import type { JobFiles } from './job-files.ts';
import { jobHash, jobText, operationOf } from './job-identity.ts';
import type { BootCheck, Job, Region } from './job.ts';
import { makeRegion, padToWord } from './region.ts';
import { resolveAddress } from './symbolic-addresses.ts';

/** A job together with what it was made from. */
export interface ResolvedJob extends Job {
  /** In the order of the job, neither padded nor patched. */
  readonly images: readonly JobImage[];
}

/**
 * Reads the files of a job, checks images and layout, and gives the job that is flashed. With `size: detect` or
 * `keep` only what no module could satisfy is refused here; the rest is in `regionsFor`.
 * @param directory what relative files are relative to
 * @throws StationError J02 a file cannot be read; J03 its sha256 is not the one in the job; J04 no bootable image at
 *   the boot address, or an empty file; J05 the layout is impossible, or the chip or the size is unknown
 */
export function resolveJob(definition: JobDefinition, directory: string, files: JobFiles): ResolvedJob {
  const chip = chipOf(definition);
  const declaredBytes = declaredSize(definition, chip);
  const read = definition.images.map((image) => readJobImage(image, directory, files));
  const images = read.map(({ image }) => image);
  const watched = read.flatMap((each) => each.watched ?? []);
  for (const image of images) checkBootable(image, chip);
  const layouts = new Map<number, readonly Region[]>();
  const layoutFor = (flashBytes: number): readonly Region[] => {
    const known = layouts.get(flashBytes);
    if (known !== undefined) return known;
    const regions = layOut(images, definition, chip, flashBytes);
    layouts.set(flashBytes, regions);
    return regions;
  };
  const text = jobText(definition, images);
  // What does not fit the largest flash fits none, and the same holds for what overlaps there.
  layoutFor(declaredBytes ?? largestFlash(chip));
  return {
    name: definition.name,
    product: definition.product,
    release: definition.release,
    chip,
    text,
    hash: jobHash(text),
    operation: operationOf(definition, workOf(images, definition, chip, declaredBytes)),
    flash: { ...definition.flash, size: declaredBytes ?? 'detect' },
    erase: definition.erase,
    skip: definition.skip,
    boot: typeof definition.boot === 'string' ? definition.boot : compileBoot(definition.boot),
    policy: definition.policy,
    images,
    regionsFor: (flashBytes) => {
      const regions = layoutFor(declaredBytes ?? flashBytes);
      checkFit(regions, flashBytes);
      return regions;
    },
    assertUnchanged: () => {
      for (const file of watched) checkUnchanged(file, files);
    },
  };
}

function chipOf(definition: JobDefinition): ChipDefinition {
  const chip = findChip(definition.chip);
  if (chip !== undefined) return chip;
  const known = chips.map(({ family }) => family).join(', ');
  throw new StationError('J05', `The job names the chip ${definition.chip}; this version knows ${known}.`);
}

/** Null when the layout follows the module. */
function declaredSize(definition: JobDefinition, chip: ChipDefinition): number | null {
  const { size } = definition.flash;
  if (size === 'detect' || size === 'keep') return null;
  const known = chip.header.sizes[size];
  if (known !== undefined) return known.bytes;
  const names = Object.keys(chip.header.sizes).join(', ');
  throw new StationError('J05', `The header of an ${chip.family} image has no flash size ${size}, only ${names}.`);
}

function largestFlash(chip: ChipDefinition): number {
  return Math.max(...Object.values(chip.header.sizes).map(({ bytes }) => bytes));
}

/** The ROM starts what lies at the boot address, so that must be a sound image; elsewhere anything may lie. */
function checkBootable({ label, at, bytes }: JobImage, chip: ChipDefinition): void {
  if (at !== chip.bootAddress) return;
  const reading = readImage(bytes);
  switch (reading.kind) {
    case 'image':
      return;
    case 'second-stage':
      throw new StationError(
        'J04',
        `${label} starts with 0xea: the ROM does not start such an image, it needs the SDK's boot loader before it.`,
      );
    case 'esp32':
      throw new StationError('J04', `${label} is an image for an ESP32, not for an ESP8266.`);
    case 'damaged':
      throw new StationError('J04', `${label} ${reading.reason}.`);
  }
}

function layOut(
  images: readonly JobImage[],
  definition: JobDefinition,
  chip: ChipDefinition,
  flashBytes: number,
): readonly Region[] {
  const size = definition.flash.size === 'detect' ? detectedSizeName(images, chip, flashBytes) : definition.flash.size;
  const regions = images
    .map(({ label, at, bytes }) => {
      const address = resolveAddress(at, flashBytes);
      return makeRegion(label, address, patchHeader(padToWord(bytes), address, chip, { ...definition.flash, size }));
    })
    .sort((a, b) => a.address - b.address);
  checkLayout(regions, flashBytes);
  return regions;
}

/** @throws StationError J05 when an image has to state a size that its header cannot */
function detectedSizeName(images: readonly JobImage[], chip: ChipDefinition, flashBytes: number): string {
  const name = sizeNameOf(chip, flashBytes);
  if (name !== undefined) return name;
  if (!images.some(({ at }) => at === chip.bootAddress)) return 'keep';
  throw new StationError(
    'J05',
    `The module has ${flashBytes / 1024} KB of flash, which the header of an image cannot state; the job must name a size.`,
  );
}

/** What the job puts into the flash, as far as that is known before a module is there. */
function workOf(
  images: readonly JobImage[],
  definition: JobDefinition,
  chip: ChipDefinition,
  declaredBytes: number | null,
): readonly { readonly at: number | string; readonly bytes: Uint8Array }[] {
  const size = declaredBytes === null ? 'keep' : definition.flash.size;
  return images.map((image) => {
    const at = declaredBytes === null ? image.at : resolveAddress(image.at, declaredBytes);
    const padded = padToWord(image.bytes);
    const bytes = typeof at === 'number' ? patchHeader(padded, at, chip, { ...definition.flash, size }) : padded;
    return { at, bytes };
  });
}

function compileBoot(boot: Exclude<JobDefinition['boot'], string>): BootCheck {
  const compile = (text: string | null): RegExp | null => (text === null ? null : linePattern(text));
  const dialogue = boot.dialogue.map((step) => ({
    ...step,
    expect: linePattern(step.expect),
    fail: compile(step.fail),
  }));
  return { ...boot, expect: compile(boot.expect), forbid: compile(boot.forbid), fail: compile(boot.fail), dialogue };
}

/** The beginning and the end of a line are ^ and $, as the text is read line by line. */
function linePattern(text: string): RegExp {
  return new RegExp(text, 'm');
}
