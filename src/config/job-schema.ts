import * as z from 'zod';
import { mismatch } from './expectation.ts';
import { duration, label, textLike, wholeNumber } from './fields.ts';
import { readFlashSize } from './flash-size-text.ts';
import { isSlowPattern } from './slow-pattern.ts';

const address = z
  .union([wholeNumber(0, 0xff_ffff), z.string().transform(readAddress)], {
    error: (issue) => mismatch('an address such as 0x10000 or a name such as init-data', issue.input),
  })
  .describe('Flash address, a multiple of 0x1000, or init-data, system-params or rf-cal, which follow the flash size.');

const image = z
  .strictObject({
    file: label(1024).optional().describe('The image; relative to the directory of the job.'),
    builtin: z
      .enum(['init-data', 'blank'])
      .optional()
      .describe('An image of the program: the default RF table (128 bytes), or 4096 bytes of 0xFF.'),
    at: address,
    sha256: textLike(/^[0-9a-fA-F]{64}$/, '64 hexadecimal digits in quotes')
      .transform((text) => text.toLowerCase())
      .optional()
      .describe('What the file must hash to; left out: whatever it is when the job is loaded.'),
  })
  .refine(({ file, builtin }) => (file === undefined) !== (builtin === undefined), {
    error: 'expected either file or builtin.',
  })
  .refine(({ file, sha256 }) => file !== undefined || sha256 === undefined, {
    path: ['sha256'],
    error: 'only a file has a sha256; take it out.',
  });

const pattern = (): z.ZodString =>
  label(500)
    .refine(isPattern, { error: 'this is no valid regular expression of JavaScript.', abort: true })
    .refine((text) => !isSlowPattern(new RegExp(text, 'm')), {
      error: 'this takes too long on some texts: nest no + or * in another one, as in (\\w+)+.',
    });

const dialogueStep = z.strictObject({
  send: z
    .string()
    .min(1, { error: 'expected some text to send.' })
    .max(500, { error: 'expected at most 500 characters.' })
    .describe('What is sent, in double quotes for \\r\\n at its end.'),
  expect: pattern().describe(
    'Regular expression that the answer has to match, otherwise `B07`. An interpreter repeats what it hears: this must not match it.',
  ),
  fail: pattern().optional().describe('Regular expression by which the firmware says that the module is bad, `B08`.'),
  within: duration(100, 600_000, "'60s' or '500ms'")
    .prefault('10s')
    .describe("Limit for the answer: '60s', '500ms' or milliseconds; 100 ms to 600 s."),
});

const bootCheck = z
  .strictObject({
    baud: wholeNumber(300, 4_000_000).default(115_200).describe("Rate of the application's text, baud."),
    expect: pattern()
      .optional()
      .describe(
        'Regular expression that proves the start; its first group is the version. What the module prints is read in lines, ' +
          'as UTF-8, and a line counts when it has ended or pauses for 100 ms; ^ and $ are its beginning and end. Once it ' +
          'has come, nothing is watched any more but `forbid`, `fail` and the dialogue.',
      ),
    version: label().optional().describe('What the version must be; needs `expect`.'),
    forbid: pattern()
      .optional()
      .describe(
        'Regular expression that must not appear, `B05`; behind `expect` or the last answer it is watched until nothing has ' +
          'come for 0.2 s, at most 1 s.',
      ),
    fail: pattern()
      .optional()
      .describe(
        'Regular expression by which the firmware says itself that the module is bad, `B08`; watched like `forbid`.',
      ),
    within: duration(100, 600_000, "'10s' or '500ms'")
      .optional()
      .describe(
        "Limit for `expect` from the release of RST: '10s', '500ms' or milliseconds; 100 ms to 600 s. Left out: 10 s, and on " +
          'parts above 1 MB 15 s for each MB, at most 60 s, as the first start may format a file system. Without `expect`, ' +
          '`forbid` and `fail` are watched for this long, 10 s when left out, or for as long as a dialogue lasts; a module that ' +
          'goes on talking is then listened to for up to 9 s at the rate of the ROM, whether it starts again and again.',
      ),
    dialogue: z
      .array(dialogueStep)
      .min(1)
      .max(20)
      .optional()
      .describe(
        'What the station says to the firmware after `expect`, and what has to be answered, in this order. `forbid` and ' +
          '`fail` are watched all the while. Without `expect` it begins when the start has been quiet for 500 ms.',
      ),
  })
  .refine((check) => ['expect', 'forbid', 'fail', 'dialogue'].some((key) => key in check), {
    error:
      'expected `expect`, `forbid`, `fail` or `dialogue`, otherwise nothing is checked; write off to leave it out.',
  })
  .refine(({ expect, version }) => version === undefined || expect !== undefined, {
    path: ['version'],
    error: 'a version is compared with what `expect` finds; add `expect`.',
  });

const jobKeys = z.strictObject({
  name: label().describe('What the operator sees.'),
  product: label().optional().describe('What counts as one product. Default: the name.'),
  release: label().optional().describe("Version of the firmware, in quotes: '2.3.1'."),
  chip: z.enum(['esp8266']).describe('Family of the chip; ESP8285 is esp8266 too.'),
  flash: z
    .strictObject({
      size: z
        .string()
        .transform((text, context) => {
          const size = readFlashSize(text);
          if ('name' in size) return size.name;
          context.issues.push({ code: 'custom', input: text, message: size.problem });
          return z.NEVER;
        })
        .describe(
          'Flash that the module must have at least, as 4MB or 512KB. detect and keep expect no size and follow the module; detect writes its size into the header, keep leaves what the image says.',
        ),
      mode: z
        .enum(['qio', 'qout', 'dio', 'dout', 'keep'])
        .default('keep')
        .describe('How the ROM reads the flash; keep leaves what the image says. ESP8285 wants dout.'),
      frequency: z
        .enum(['20m', '26m', '40m', '80m', 'keep'])
        .default('keep')
        .describe('Clock of the flash; keep leaves what the image says.'),
    })
    .describe('What the header of the image at address 0 is set to. Without such an image nothing is set.'),
  images: z.array(image).min(1).describe('What is written, in any order.'),
  erase: z
    .enum(['sectors', 'all'])
    .default('sectors')
    .describe('Erase what is written, or the whole flash, RF calibration and file system included.'),
  skip: z
    .enum(['same', 'none'])
    .default('none')
    .describe(
      'same: a region that the flash holds already, by the digest that the chip computes, is neither erased nor written, and the record counts its bytes. Not together with `erase: all`.',
    ),
  boot: z
    .union([z.literal('off'), bootCheck], {
      error: 'expected off, or a mapping with `expect`, `forbid`, `fail` or `dialogue`.',
    })
    .optional()
    .describe(
      'The check after flashing. off: none, and the record says so. Left out: only what the ROM says. In the text of the application a module ' +
        'that starts again and again (`B03`) and missing RF data (`B06`) are found without being named.',
    ),
  policy: z
    .strictObject({
      reflash: z
        .enum(['refuse', 'allow'])
        .default('refuse')
        .describe(
          'A module that has passed with the same work and has not been written since. refuse: it is told by its MAC and nothing is written, `D05`. ' +
            'allow: it is flashed again.',
        ),
      attempts: wholeNumber(1, 9)
        .default(2)
        .describe(
          'How often a module may fail here under the same work before it is refused, `D09`; only runs that read its MAC count. ' +
            'Codes that allow one second try, or none, keep to that.',
        ),
      flashIds: z
        .array(textLike(/^[0-9a-f]{6}$/, "six lower-case hexadecimal digits in quotes, such as 'ef4016'"))
        .min(1)
        .optional()
        .describe(
          'The flash parts that are allowed, by their id, maker first. Another one fails, `F02`, and its nest is locked; ' +
            '`jigd accept-part` allows a part too. Left out: any.',
        ),
      variant: z
        .enum(['esp8266ex', 'esp8285', 'any'])
        .default('any')
        .describe(
          'The variant of the chip that the efuses must state, otherwise `D02`. ESP8285: flash inside the chip.',
        ),
    })
    .prefault({})
    .describe('What the station may do.'),
});

/** A job file (design §7). Skipping after an erase of everything is refused by esptool too: protocol reference §8.1. */
export const jobSchema = jobKeys.refine(({ skip, erase }) => skip !== 'same' || erase !== 'all', {
  path: ['skip'],
  error: 'after `erase: all` no region is there already; take one of the two out.',
});

/** Keys of the design that do nothing in this version. */
export const jobKeysNotYet = [] as const;

const addressNames = ['init-data', 'system-params', 'rf-cal'] as const;

function readAddress(text: string, context: z.RefinementCtx): number | (typeof addressNames)[number] {
  const name = addressNames.find((known) => known === text);
  if (name !== undefined) return name;
  const number = /^(0x[0-9a-f]{1,6}|\d{1,8})$/i.test(text) ? Number(text) : null;
  if (number !== null && number <= 0xff_ffff) return number;
  const message = mismatch(`an address such as 0x10000, or ${addressNames.join(', ')}`, text);
  context.issues.push({ code: 'custom', input: text, message });
  return z.NEVER;
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
