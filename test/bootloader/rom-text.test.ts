import { expect, test } from 'vitest';
import { romChecksum, romHeaders, romLoadProblem } from '../../src/bootloader/rom-text.ts';

const header = '\n ets Jan  8 2013,rst cause:2, boot mode:(3,7)\n\n';

test('the header gives the cause of the reset and both numbers of the boot mode', () => {
  expect(romHeaders(`\x80\xfe${header}`)).toEqual([{ resetCause: 2, mode: 3, detail: 7 }]);
});

test('a header whose beginning was lost still gives the boot mode', () => {
  expect(romHeaders('ause:1, boot mode:(1,6)')).toEqual([{ resetCause: null, mode: 1, detail: 6 }]);
});

test('noise holds no header', () => {
  expect(romHeaders('boot mo\xff\x00(1,7)')).toEqual([]);
});

test.for([
  { name: 'equal checksums', text: 'chksum 0x63\ncsum 0x63\n', problem: null },
  { name: 'one line per segment', text: 'chksum 0x11\nload x\nchksum 0x63\ncsum 0x63\n', problem: null },
  { name: 'a line that is not complete', text: 'chksum 0x63\ncsum 0x6', problem: null },
  { name: 'a difference', text: 'chksum 0x63\ncsum 0x64\n', problem: /chksum 0x63, csum 0x64/ },
  { name: 'the word of the ROM', text: 'csum err\nets_main.c\n', problem: /wrong checksum/ },
  { name: 'an empty flash', text: 'flash read err, 1000\nets_main.c\n', problem: /no image/ },
])('$name is judged right', ({ text, problem }) => {
  const found = romLoadProblem(header + text);
  if (problem === null) expect(found).toBeNull();
  else expect(found).toMatch(problem);
});

test('the checksum is known only when its line is complete', () => {
  expect(romChecksum('chksum 0x63\n')).toBeNull();
  expect(romChecksum('csum 0x6')).toBeNull();
  expect(romChecksum('csum 0x63\n')).toBe('0x63');
});
