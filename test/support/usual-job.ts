import { bootableImage } from './bench-job.ts';

/** What most stations here flash: a boot image and a second region. */
export const bootImage = bootableImage(60_000);
export const secondImage = bootableImage(120_000, 2);
export const usualJob = `name: bench-job
product: bench-module
release: '1.2'
chip: esp8266
flash: { size: 4MB, mode: dout, frequency: 80m }
images:
  - { file: boot.bin, at: 0x00000 }
  - { file: second.bin, at: 0x20000 }
  - { builtin: init-data, at: init-data }
`;
