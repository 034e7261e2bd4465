/** Who made a flash, and what is known of the parts on ESP8266 boards. */
export interface FlashMaker {
  readonly name: string;
  /** What to know before a job is written for it, plain sentences; null when nothing is. */
  readonly remark: string | null;
}

/** The maker in bits 7..0 of a JEDEC id as read, or null when it is not in the table. Source: protocol reference §4.8. */
export function flashMakerOf(id: number): FlashMaker | null {
  return makers.get(id & 0xff) ?? null;
}

const quadEnableElsewhere =
  'Quad enable is bit 6 of its status register, where the ROM does not set it: the mode qio fails.';

const makers: ReadonlyMap<number, FlashMaker> = new Map([
  [0xef, { name: 'Winbond', remark: null }],
  [
    0xc8,
    {
      name: 'GigaDevice',
      remark:
        'Newer revisions take the status register only 8 bits at a time, so the ROM cannot set quad enable: use dio or dout.',
    },
  ],
  [0x85, { name: 'PUYA', remark: 'It is slow to program a page, and programming bits again that are 0 disturbs it.' }],
  [0x20, { name: 'XMC/Micron', remark: 'Parts of XMC may need a start-up sequence of their own.' }],
  [0x68, { name: 'Boya', remark: null }],
  [
    0x1c,
    {
      name: 'EON/ESMT',
      remark: 'Quad enable is bit 6 of its status register or not there at all: the mode qio fails.',
    },
  ],
  [0x5e, { name: 'Zbit', remark: null }],
  [0xba, { name: 'Zetta', remark: 'It is slow to program: writing takes longer than with other makers.' }],
  [0xc2, { name: 'Macronix', remark: quadEnableElsewhere }],
  [0xe0, { name: 'Berg Micro', remark: null }],
  [0x1f, { name: 'Adesto/Atmel', remark: null }],
  [0x9d, { name: 'ISSI', remark: quadEnableElsewhere }],
  [0x0b, { name: 'XTX', remark: null }],
]);
