import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';

import { readImage } from '../../../src/firmware/image-header.ts';
import { buildDemoImage, demoBanner } from '../../../src/simulator/demo/demo-image.ts';

test('the demo image is one that the header check of the station accepts', () => {
  const reading = readImage(buildDemoImage());
  expect(reading).toMatchObject({ kind: 'image', header: { segmentCount: 3, modeCode: 2, sizeCode: 0x40 } });
});

test('it carries the text of its version and is as large and as dense as firmware', () => {
  const image = buildDemoImage({ version: '2.3.4' });
  expect(Buffer.from(image).includes(demoBanner('2.3.4'))).toBe(true);
  expect(image.length).toBe(320 * 1024);
  const code = image.subarray(0x10000);
  const share = deflateSync(code, { level: 9 }).length / code.length;
  expect(share).toBeGreaterThan(0.5);
  expect(share).toBeLessThan(0.85);
});

test('the same options give the same bytes, another version others', () => {
  const image = buildDemoImage();
  expect(Buffer.compare(buildDemoImage(), image)).toBe(0);
  expect(Buffer.compare(buildDemoImage({ version: '1.0.1' }), image)).not.toBe(0);
  expect(buildDemoImage({ mappedBytes: 4096 })).toHaveLength(0x11000);
});
