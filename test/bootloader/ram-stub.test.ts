import { expect, test } from 'vitest';
import { loadRamStub } from '../../src/bootloader/ram-stub.ts';

test('the RAM loader of the ESP8266 is the build that was checked', async () => {
  const stub = await loadRamStub('esp8266');
  expect(stub.entry).toBe(0x4010c504);
  expect(stub.text).toMatchObject({ address: 0x4010c500 });
  expect(stub.data).toMatchObject({ address: 0x3fffae6c });
  expect([stub.text.bytes.length, stub.data.bytes.length]).toEqual([11_456, 920]);
});

test('a family without a RAM loader is refused', async () => {
  await expect(loadRamStub('esp31')).rejects.toMatchObject({ code: 'S99' });
});
