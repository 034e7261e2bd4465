import fc from 'fast-check';
import { expect, test } from 'vitest';

import { asHeard } from '../../../src/simulator/uart/rate-mismatch.ts';

const bytes = fc.uint8Array({ minLength: 1, maxLength: 100 });

test.for([
  { sender: 928_571, receiver: 921_600 },
  { sender: 464_286, receiver: 460_800 },
  { sender: 119_000, receiver: 115_200 },
  { sender: 111_500, receiver: 115_200 },
])('$sender baud is heard cleanly at $receiver', ({ sender, receiver }) => {
  fc.assert(
    fc.property(bytes, (sent) => {
      expect(asHeard(sent, sender, receiver)).toEqual(sent);
    }),
  );
});

test.for([
  { sender: 120_000, receiver: 115_200 },
  { sender: 110_000, receiver: 115_200 },
  { sender: 2_080_000, receiver: 2_000_000 },
  { sender: 74_928, receiver: 115_200 },
  { sender: 115_200, receiver: 921_600 },
  { sender: 921_600, receiver: 115_200 },
])('$sender baud is never heard as sent at $receiver, and always the same way', ({ sender, receiver }) => {
  fc.assert(
    fc.property(bytes, (sent) => {
      const heard = asHeard(sent, sender, receiver);
      expect(heard).not.toEqual(sent);
      expect(asHeard(sent, sender, receiver)).toEqual(heard);
    }),
  );
});

test('boot text read at 115200 becomes the garbage that ideal sampling gives', () => {
  const banner = Buffer.from('\n ets Jan  8 2013,rst cause:2, boot mode:(1,7)\n\n');
  const heard = Buffer.from(asHeard(banner, 74_928, 115_200));
  // From the third byte on as in protocol reference §1.7.
  expect(heard.subarray(2, 10).toString('hex')).toBe('6c9c9e7c008c6ce0');
  expect(heard.length).toBeGreaterThan(banner.length);
});

test('a line without a rate carries nothing', () => {
  expect(asHeard(Uint8Array.of(1, 2), 115_200, 0)).toHaveLength(0);
});
