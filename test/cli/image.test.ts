import { afterEach, beforeEach, expect, test } from 'vitest';
import { imageCommand } from '../../src/cli/image.ts';
import { temporaryFolder } from '../ledger/runs.ts';
import { workedImage } from '../firmware/sample-images.ts';
import { writeFileSync } from 'node:fs';

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => {
  folder[Symbol.dispose]();
  process.exitCode = undefined;
});

async function info(content: Uint8Array, ...options: readonly string[]) {
  const file = folder.file('fw.bin');
  writeFileSync(file, content);
  let out = '';
  const command = imageCommand((text) => void (out += text));
  await command.parseAsync(['info', file, ...options], { from: 'user' });
  return { file, out, exitCode: process.exitCode };
}

test('the worked image of the reference is shown as it says', async () => {
  const { file, out, exitCode } = await info(workedImage);
  expect(out.split('\n')).toEqual([
    `file      ${file}`,
    'bytes     48',
    'MD5       bf88589a759cd6220475e33049576cc5',
    expect.stringMatching(/^SHA-256 {3}[\da-f]{64}$/),
    '',
    '0x000000  48 bytes  image that the ROM or a boot loader starts',
    'magic     0xe9',
    'flash     dio 4MB 40m',
    'entry     0x40100004',
    'checksum  0xc5, right',
    'SEGMENT     ADDRESS  BYTES    OFFSET  MEMORY',
    '      1  0x40100000      8  0x000010  IRAM',
    '      2  0x3ffe8000      4  0x000020  DRAM',
    '',
  ]);
  expect(exitCode).toBeUndefined();
});

test('a damaged image is told, with exit code 1', async () => {
  const { out, exitCode } = await info(workedImage.map((byte, at) => (at === 47 ? 0 : byte)));
  expect(out).toContain('checksum  0x00, but the bytes give 0xc5\n');
  expect(out).toContain('The checksum is 0x00 and the segments give 0xc5: the image is damaged.\n');
  expect(exitCode).toBe(1);
});

test('--json prints one object', async () => {
  const { file, out } = await info(workedImage, '--json');
  expect(out.trimEnd()).not.toContain('\n');
  expect(JSON.parse(out)).toMatchObject({
    file,
    bytes: 48,
    md5: 'bf88589a759cd6220475e33049576cc5',
    sound: true,
    remarks: [],
    parts: [
      {
        offset: 0,
        bytes: 48,
        kind: 'image',
        image: {
          kind: 'rom',
          header: { magic: 0xe9, segment_count: 2, mode: 'dio', size: '4MB', frequency: '40m', entry: 0x40100004 },
          segments: [{ address: 0x40100000, offset: 16, bytes: 8, memory: 'IRAM' }, { memory: 'DRAM' }],
          checksum: { stored: 0xc5, calculated: 0xc5 },
          crc: null,
        },
      },
    ],
  });
});

test('a file of which nothing is known is neither sound nor damaged', async () => {
  const { out, exitCode } = await info(Uint8Array.of(0x41));
  expect(out).toContain('0x000000  1 byte  no image\nNothing is known of this file. ');
  const json = await info(Uint8Array.of(0x41), '--json');
  expect(JSON.parse(json.out)).toMatchObject({ sound: null, parts: [{ image: { kind: 'none', sound: null } }] });
  expect([exitCode, json.exitCode]).toEqual([undefined, undefined]);
});

test('an image for an ESP32 is named, without codes that mean something else there', async () => {
  const image = new Uint8Array(64);
  image.set([0xe9, 1, 2, 0x20]);
  image.set([0x00, 0x00, 0x08, 0x40, 16, 0, 0, 0], 24);
  const { out, exitCode } = await info(image);
  expect(out).toContain('image for an ESP32\n');
  expect(out).not.toContain('flash ');
  expect(exitCode).toBe(1);
});

test.for([
  { name: 'a file that is not there', file: 'none.bin', says: /none\.bin cannot be read: there is no such file\.$/ },
  { name: 'a folder', file: '', says: /cannot be read: it is not an ordinary file\.$/ },
])('$name is one plain sentence', async ({ file, says }) => {
  await expect(imageCommand().parseAsync(['info', folder.file(file)], { from: 'user' })).rejects.toThrow(says);
});
